/** Interest categories of the demo data: campaigns, profiles and traffic speak of the same ones. */
export const CATEGORIES = [
  'automotive',
  'business',
  'education',
  'entertainment',
  'fashion',
  'finance',
  'food',
  'gaming',
  'health',
  'home',
  'music',
  'news',
  'outdoors',
  'parenting',
  'pets',
  'science',
  'shopping',
  'sports',
  'technology',
  'travel',
] as const;
export type Category = (typeof CATEGORIES)[number];
