/**
 * Whether a click on a row of a table means its page: not one on a link, which opens it by itself and in
 * another tab where that was asked for, and not the end of marking text.
 */
export function opensRow({ target }: MouseEvent): boolean {
  return !(target as Element).closest('a') && (getSelection()?.isCollapsed ?? true);
}
