/** What can be done with runs, with what goes wrong told in a sentence. */

import { useCallback, useMemo } from "react";
import { useT } from "../i18n/t";
import { withRuns } from "../run/reduce";
import { type RunSummary } from "../run/store";
import { useSession } from "../session";
import { shownName } from "../workflows/name";

export interface QueueActions {
  cancel(id: string): Promise<void>;
  cancelAll(runs: readonly RunSummary[]): Promise<void>;
  /** Gives runs that wait other priorities, one after the other. */
  move(priorities: readonly [id: string, priority: number][]): Promise<void>;
  hold(paused: boolean): Promise<void>;
}

export function useQueue(): QueueActions {
  const { api, run, ui } = useSession();
  const t = useT();
  return useMemo(() => {
    const told = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        ui.toast({ kind: "error", text: t("files.failed", { reason: error instanceof Error ? error.message : String(error) }) });
      }
    };
    const cancel = async (id: string): Promise<void> => {
      const { data } = await api.DELETE("/api/v1/runs/{id}", { params: { path: { id } } });
      if (data) run.setState((state) => withRuns(state, [data]), true);
    };
    const prioritize = async (id: string, priority: number): Promise<void> => {
      const { data } = await api.PATCH("/api/v1/runs/{id}", { params: { path: { id } }, body: { priority } });
      if (data) run.setState((state) => withRuns(state, [data]), true);
    };
    return {
      cancel: (id) => told(() => cancel(id)),
      // Last ones first: else each that goes lets the next begin.
      cancelAll: (runs) => told(async () => runs.toReversed().reduce((before, { id }) => before.then(() => cancel(id)), Promise.resolve())),
      move: (priorities) => told(async () => priorities.reduce((before, one) => before.then(() => prioritize(...one)), Promise.resolve())),
      hold: (paused) => told(() => api.PATCH("/api/v1/queue", { body: { paused } })),
    };
  }, [api, run, ui, t]);
}

/** What people call a run. */
export function useRunName(): (run: Pick<RunSummary, "name">) => string {
  const t = useT();
  return useCallback(({ name }) => shownName(name) || t("queue.unsaved"), [t]);
}
