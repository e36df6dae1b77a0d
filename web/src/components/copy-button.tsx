import { createSignal, onCleanup, Show } from 'solid-js';
import { CheckIcon, CopyIcon } from './icons.tsx';

const SAID_MS = 1_600;

export function CopyButton(props: { text: () => string; label: string }) {
  const [done, setDone] = createSignal<'yes' | 'no'>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const copy = async (): Promise<void> => {
    setDone(await put(props.text()) ? 'yes' : 'no');
    clearTimeout(timer);
    timer = setTimeout(() => setDone(undefined), SAID_MS);
  };
  return (
    <button class='button' type='button' onClick={copy}>
      <Show when={done() === 'yes'} fallback={<CopyIcon />}>
        <CheckIcon />
      </Show>
      <span aria-live='polite'>
        {done() === 'yes' ? 'Copied' : done() === 'no' ? 'Not allowed here' : props.label}
      </span>
    </button>
  );
}

async function put(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
