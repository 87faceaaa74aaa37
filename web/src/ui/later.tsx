import { type ComponentType, type ReactNode, Suspense, lazy } from "react";

/** Fetches a part of the page; a module is fetched once, however often it is asked for. */
export type Load<P extends object> = () => Promise<ComponentType<P>>;

/** A part of the page that is fetched when it is first shown; `missing` stands in when it cannot be. */
export function later<P extends object>(load: Load<P>, missing: () => ReactNode): ComponentType<P> {
  const Part = lazy(async () => ({ default: await load().catch(() => missing) }));
  return function Later(props: P) {
    return (
      <Suspense fallback={null}>
        <Part {...props} />
      </Suspense>
    );
  };
}
