import { createResource, For, Show } from 'solid-js';
import { apiOrNothing } from '../lib/api.ts';
import type { FacetsAnswer } from '../lib/answers.ts';
import { type FilterName, filtersSet, RANGES, type Search } from '../lib/filters.ts';
import { typedDecimal } from '../lib/format.ts';
import { Segments } from './segments.tsx';

interface FiltersProps {
  search: Search;
  onChange(change: Search): void;
}

/** Everything the list can be narrowed by. A field takes effect when it is left or Enter is pressed. */
export function AuctionFilters(props: FiltersProps) {
  const [facets] = createResource(() => apiOrNothing<FacetsAnswer>('/api/outcomes/facets'));
  const set = (name: FilterName) => (event: { currentTarget: { value: string } }) =>
    props.onChange({ [name]: event.currentTarget.value.trim() || undefined });
  const setPrice = (name: FilterName) => (event: { currentTarget: { value: string } }) =>
    props.onChange({ [name]: typedDecimal(event.currentTarget.value.trim()) || undefined });
  const Text = (field: { name: FilterName; label: string; hint: string; list?: string }) => (
    <label class='field'>
      {field.label}
      <input
        name={field.name}
        value={props.search[field.name] ?? ''}
        placeholder={field.hint}
        list={field.list}
        autocomplete='off'
        onChange={set(field.name)}
      />
    </label>
  );
  const Choice = (field: {
    name: FilterName;
    label: string;
    options: readonly (readonly [value: string, name: string])[];
  }) => (
    <label class='field'>
      {field.label}
      <select name={field.name} onChange={set(field.name)}>
        <option value='' selected={!props.search[field.name]}>Any</option>
        <For each={field.options}>
          {([value, name]) => (
            <option value={value} selected={props.search[field.name] === value}>{name}</option>
          )}
        </For>
      </select>
    </label>
  );

  return (
    <form class='filters' onSubmit={(event) => event.preventDefault()} aria-label='Filters'>
      <Text name='user_id' label='User' hint='user-001' />
      <Text name='site_domain' label='Site or app' hint='example.com' list='known-sites' />
      <Choice name='win_status' label='Result' options={[['won', 'Won'], ['no_bid', 'No bid']]} />
      <Text name='seat' label='Seat' hint='any' list='known-seats' />
      <Text name='campaign' label='Campaign' hint='any' list='known-campaigns' />
      <Choice name='enriched' label='Profile' options={[['true', 'Used'], ['false', 'Not used']]} />
      <div class='field'>
        <span id='price-label'>Price, CPM</span>
        <div class='pair' role='group' aria-labelledby='price-label'>
          <input
            name='min_price'
            inputmode='decimal'
            placeholder='from'
            aria-label='Lowest price, CPM'
            value={props.search.min_price ?? ''}
            onChange={setPrice('min_price')}
          />
          <input
            name='max_price'
            inputmode='decimal'
            placeholder='to'
            aria-label='Highest price, CPM'
            value={props.search.max_price ?? ''}
            onChange={setPrice('max_price')}
          />
        </div>
      </div>
      <Show when={facets.latest}>
        {(known) => (
          <>
            <Options id='known-sites' values={known().sites} />
            <Options id='known-seats' values={known().seats} />
            <Options id='known-campaigns' values={known().campaigns} />
          </>
        )}
      </Show>
    </form>
  );
}

/** The time range, and a way out of all filters. */
export function FilterActions(props: FiltersProps) {
  const clear = () =>
    props.onChange(Object.fromEntries(Object.keys(props.search).map((name) => [name, undefined])));
  // A span out of a link is none of the ranges, and each of them takes its place.
  const range = () =>
    props.search.since || props.search.until ? undefined : props.search.range ?? '';
  return (
    <>
      <Show when={filtersSet(props.search) > 0}>
        <button class='button' data-kind='quiet' type='button' onClick={clear}>
          Clear {filtersSet(props.search)}
        </button>
      </Show>
      <Segments
        label='Time'
        options={Object.entries(RANGES).map(([value, { name }]) => [value, name] as const)}
        value={range()}
        onChange={(range) =>
          props.onChange({ range: range || undefined, since: undefined, until: undefined })}
      />
    </>
  );
}

function Options(props: { id: string; values: readonly { value: string }[] }) {
  return (
    <datalist id={props.id}>
      <For each={props.values}>{({ value }) => <option value={value} />}</For>
    </datalist>
  );
}
