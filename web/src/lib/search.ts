/** The page's part of the URL that people set: filters, order, range. */
import { useSearchParams } from '@solidjs/router';

/** The parameters by name, to read and to change. Of one that is given twice, the first counts. */
export function useSearch<Name extends string>() {
  const [given, set] = useSearchParams();
  const search = new Proxy(given, {
    get(target, name) {
      const value = Reflect.get(target, name) as string | string[] | undefined;
      return Array.isArray(value) ? value[0] : value;
    },
  }) as Partial<Record<Name, string>>;
  return [search, set] as const;
}
