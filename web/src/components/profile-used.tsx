import { For, Show } from 'solid-js';
import type { UnenrichedReason } from '#shared/model/events.ts';
import type { Profile } from '#shared/model/profile.ts';
import { percent } from '../lib/format.ts';
import { Empty } from './states.tsx';

const WHY_NOT: Record<UnenrichedReason, string> = {
  no_user: 'The request named no user.',
  not_found: 'There is no profile of this user.',
  timeout: 'The profile did not come in time.',
  unavailable: 'The profile service was not there.',
  no_consent: 'The user has not agreed to personal ads.',
};

interface ProfileProps {
  profile: Profile | undefined;
  groups: readonly { unenrichedReason?: UnenrichedReason }[];
}

/** What the bidders knew of the user, or why they knew nothing. */
export function ProfileUsed(props: ProfileProps) {
  const why = () => {
    if (props.groups.length === 0) return 'No bidder answered.';
    const reason = props.groups.map(({ unenrichedReason }) => unenrichedReason).find(Boolean);
    return `${WHY_NOT[reason ?? 'no_user']} Bids were made without one.`;
  };
  return (
    <Show
      when={props.profile}
      fallback={<Empty title='None'>{why()}</Empty>}
    >
      {(profile) => (
        <div class='stack'>
          <div class='interests'>
            <For each={profile().interests}>
              {({ category, score }) => (
                <>
                  <span>{category}</span>
                  <progress
                    class='meter'
                    value={score}
                    max={1}
                    aria-label={`Interest in ${category}`}
                  />
                  <span class='num'>{percent(score)}</span>
                </>
              )}
            </For>
          </div>
          <div class='chips'>
            <For each={chipsOf(profile())}>{(text) => <span class='chip'>{text}</span>}</For>
          </div>
        </div>
      )}
    </Show>
  );
}

function chipsOf({ locale, demographics, segments, history }: Profile): string[] {
  const { ageRange, gender, country } = demographics ?? {};
  return [
    locale,
    ageRange,
    gender,
    country,
    ...segments,
    `${history.length} recent visits`,
  ].filter((text): text is string => Boolean(text));
}
