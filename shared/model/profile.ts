/** What is known of a user. The same shape as the generated `proto/gen/profile.ts` message. */
export interface Profile {
  userId: string;
  /** BCP 47, such as `de-DE`. */
  locale: string;
  interests: Interest[];
  demographics: Demographics | undefined;
  segments: string[];
  /** Newest first, at most {@link HISTORY_LENGTH_MAX}. */
  history: Visit[];
  consent: Consent | undefined;
  updatedAtMs: number;
}

export interface Interest {
  category: string;
  /** 0 to 1. */
  score: number;
}

export interface Demographics {
  /** `18-24`, `25-34`, …; empty when unknown. */
  ageRange: string;
  /** OpenRTB's letters `M`, `F`, `O`; empty when unknown. */
  gender: string;
  /** ISO-3166-1 alpha-3; empty when unknown. */
  country: string;
}

export interface Visit {
  category: string;
  domain: string;
  atMs: number;
}

export interface Consent {
  personalisation: boolean;
  /** TCF string; empty when none was given. */
  tcf: string;
}

/** Visits kept of one user: what the engagement factor looks at, and what keeps a profile under 2 kB. */
export const HISTORY_LENGTH_MAX = 20;
