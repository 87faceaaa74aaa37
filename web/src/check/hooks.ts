import { useMemo } from "react";
import { useStore } from "zustand";
import { type Problem } from "../api/client";
import { type JsonObject } from "../document/model";
import { useSession } from "../session";
import { shortFacts } from "./facts";
import { NO_PROBLEMS } from "./store";

/** The problems of a node, or of one of its inputs: only what they are shown at is drawn again. */
export function useProblems(nodeId: string, port?: string): readonly Problem[] {
  const all = useStore(useSession().check, (state) => state.byNode[nodeId] ?? NO_PROBLEMS);
  return useMemo(() => (port === undefined ? all : all.filter((problem) => problem.port === port)), [all, port]);
}

export interface KnownFacts {
  facts: JsonObject;
  /** `4ch f8`; empty when nothing known is short. */
  short: string;
}

/** What is known of an output, `node.output`, before it is computed. */
export function useFacts(output: string): KnownFacts | undefined {
  const facts = useStore(useSession().check, (state) => state.facts[output]);
  return useMemo(() => facts && { facts, short: shortFacts(facts) }, [facts]);
}
