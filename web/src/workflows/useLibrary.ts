import { useCallback, useEffect, useState } from "react";
import { type Schemas } from "../api/client";
import { useSession } from "../session";

export interface Library {
  /** Absent while they are read. */
  entries?: Schemas["LibraryEntry"][];
  error?: string;
  reload(): void;
}

/** The workflows the server keeps; read again whenever a tab gets another name or version. */
export function useLibrary(): Library {
  const { api, tabs } = useSession();
  const [state, setState] = useState<Omit<Library, "reload">>({});
  const reload = useCallback(() => {
    api.GET("/api/v1/workflows").then(
      ({ data }) => setState({ entries: data?.workflows ?? [] }),
      (error: unknown) => setState(({ entries }) => ({ entries, error: error instanceof Error ? error.message : String(error) })),
    );
  }, [api]);
  useEffect(() => {
    reload();
    const saved = (): string => tabs.getState().tabs.map(({ name, etag }) => `${name} ${etag}`).join();
    let before = saved();
    return tabs.subscribe(() => {
      const now = saved();
      if (now !== before) reload();
      before = now;
    });
  }, [reload, tabs]);
  return { ...state, reload };
}
