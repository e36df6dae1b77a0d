/** How the members of a consumer group share the partitions, told to kafkajs. */
import { Buffer } from 'node:buffer';
import type { PartitionAssigner } from 'kafkajs';
import { AssignerProtocol } from './kafka-library.ts';
import { contiguousRanges } from './contiguous-ranges.ts';

/**
 * Contiguous ranges, alike for every topic: kafkajs's own round robin gives a member other
 * partitions of each topic. Members are ordered by their ids.
 */
export function rangeAssigner(partitions: readonly number[]): PartitionAssigner {
  return assigner('helios-range', (members, topics) => {
    const ranges = contiguousRanges(partitions, members.length);
    return members.map((_, index) => topicsWith(topics, ranges[index]!));
  });
}

/** The given partitions for the only member there is. */
export function fixedAssigner(partitions: readonly number[]): PartitionAssigner {
  return assigner(
    'helios-fixed',
    (members, topics) => members.map(() => topicsWith(topics, partitions)),
  );
}

type Share = Record<string, number[]>;

function topicsWith(topics: readonly string[], partitions: readonly number[]): Share {
  return Object.fromEntries(topics.map((topic) => [topic, [...partitions]]));
}

const VERSION = 1;

function assigner(
  name: string,
  share: (members: readonly string[], topics: readonly string[]) => Share[],
): PartitionAssigner {
  return () => ({
    name,
    version: VERSION,
    async assign({ members, topics }) {
      const ids = members.map(({ memberId }) => memberId).sort();
      return share(ids, topics).map((assignment, index) => ({
        memberId: ids[index]!,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment,
          userData: EMPTY,
        }),
      }));
    },
    protocol: ({ topics }) => ({
      name,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: EMPTY,
      }),
    }),
  });
}

const EMPTY = Buffer.alloc(0);
