import { Title } from '@solidjs/meta';
import { HttpStatusCode } from '@solidjs/start';
import { Empty } from '../components/states.tsx';

export default function NotFound() {
  return (
    <>
      <Title>Not found · Helios</Title>
      <HttpStatusCode code={404} />
      <h1 class='hidden-text'>Not found</h1>
      <Empty title='There is no such page' action={<a class='button' href='/'>To the live page</a>}>
        The address may be mistyped, or the page is not built yet.
      </Empty>
    </>
  );
}
