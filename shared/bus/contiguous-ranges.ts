/**
 * Splits partitions among the members of a group in contiguous ranges that differ by one at most.
 * Every topic is split alike, so that a member has the same partitions of each; and one gateway's
 * slice, which is spread over all partitions, keeps all members busy.
 */
export function contiguousRanges(partitions: readonly number[], members: number): number[][] {
  return Array.from({ length: members }, (_, member) => {
    const from = Math.floor(member * partitions.length / members);
    const to = Math.floor((member + 1) * partitions.length / members);
    return partitions.slice(from, to);
  });
}
