import { Title } from '@solidjs/meta';
import { useParams } from '@solidjs/router';
import { createEffect, createResource, Match, on, onCleanup, Suspense, Switch } from 'solid-js';
import { HttpStatusCode } from '@solidjs/start';
import { isServer } from 'solid-js/web';
import { AuctionReport } from '../../components/auction-report.tsx';
import { Empty, Failure, Loading } from '../../components/states.tsx';
import { asked } from '../../lib/api.ts';
import type { AuctionAnswer } from '../../lib/answers.ts';
import { useLive } from '../../live/provider.tsx';

/** `/auctions/:id`: who bid what, why the winner won, what it pays. */
export default function Auction() {
  const params = useParams<{ id: string }>();
  const live = useLive();
  const [auction, { refetch }] = createResource(
    () => params.id,
    (id) => asked<AuctionAnswer>(`/api/auctions/${encodeURIComponent(id)}`),
  );
  const problem = () => auction.latest?.problem;
  const isUnknown = () => problem()?.status === 404 || problem()?.status === 400;
  // What is still missing is fetched when the feed says that it is there.
  createEffect(on(() => params.id, (id) => {
    const complete = (): boolean => Boolean(auction.latest?.answer?.details);
    const leave = live.subscribe(`auction:${id}`, () => {
      if (!complete()) void refetch();
    });
    onCleanup(leave);
  }));

  return (
    <>
      <Title>Auction {params.id.slice(-8)} · Helios</Title>
      <Suspense fallback={<Loading what='the auction' />}>
        <Switch>
          <Match when={isUnknown()}>
            {isServer && <HttpStatusCode code={404} />}
            <h1 class='hidden-text'>No such auction</h1>
            <Empty
              title='There is no such auction'
              action={<a class='button' href='/auctions'>To all auctions</a>}
            >
              The id {params.id} is unknown here; it may be mistyped, or older than what is kept.
            </Empty>
          </Match>
          <Match when={problem()}>
            {(reason) => <Failure error={reason()} retry={() => void refetch()} />}
          </Match>
          <Match when={auction.latest?.answer?.status === 'pending'}>
            <h1 class='hidden-text'>Auction under way</h1>
            <Empty title='This auction is open'>
              It closes within its deadline, then explains itself here.
            </Empty>
          </Match>
          <Match when={auction.latest?.answer}>
            {(known) => <AuctionReport auction={known()} />}
          </Match>
        </Switch>
      </Suspense>
    </>
  );
}
