import { type EdgeChange, type Node, type NodeChange } from "@xyflow/react";
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useEdit } from "../actions/edit";
import { type Change, chain } from "../document/commands/change";
import { changeGroup, changeNote } from "../document/commands/marks";
import { moveNodes } from "../document/commands/nodes";
import { type Point, type WorkflowFile } from "../document/model";
import { useSession } from "../session";
import { membersOf } from "./marks";

type Places = Record<string, Point>;

interface Dragging {
  /** Where everything is at this moment, the nodes in hand included. */
  live: Places;
  placesNow: RefObject<Places>;
  onNodesChange(changes: NodeChange<Node>[]): void;
  onEdgesChange(changes: EdgeChange[]): void;
}

/** Nodes in hand are only drawn elsewhere; the document learns of it once, when they are let go. */
export function useDragging(file: WorkflowFile, places: Places): Dragging {
  const { ui } = useSession();
  const edit = useEdit();
  const [inHand, setInHand] = useState<Places>({});
  const live = useMemo(() => ({ ...places, ...inHand }), [places, inHand]);
  const placesNow = useRef(live);
  const fileNow = useRef(file);
  const placesOfFile = useRef(places);
  useLayoutEffect(() => {
    placesNow.current = live;
    fileNow.current = file;
    placesOfFile.current = places;
  });

  const onNodesChange = useCallback(
    (changes: NodeChange<Node>[]) => {
      const moved: Places = {};
      let ended = false;
      for (const change of changes) {
        if (change.type !== "position" || !change.position) continue;
        const { id, position, dragging } = change;
        ended ||= !dragging;
        Object.assign(moved, movedBy(id, [Math.round(position.x), Math.round(position.y)], fileNow.current, placesOfFile.current));
      }
      select(changes, ui);
      if (Object.keys(moved).length === 0) return;
      if (!ended) return setInHand((now) => ({ ...now, ...moved }));
      setInHand({});
      const really = Object.fromEntries(Object.entries(moved).filter(([id, at]) => !isSame(placesOfFile.current[id], at)));
      const count = Object.keys(really).length;
      if (count > 0) edit("edit.move", { count }, moving(fileNow.current, placesOfFile.current, really), "nudge");
    },
    [edit, ui],
  );

  const onEdgesChange = useCallback((changes: EdgeChange[]) => select(changes, ui), [ui]);
  return { live, placesNow, onNodesChange, onEdgesChange };
}

/** A file that lacks places gets them all with the first move: half a layout would be none. */
function moving(file: WorkflowFile, places: Places, moved: Places): Change {
  const ids = Object.keys(file.nodes);
  const whole = ids.every((id) => file.layout?.nodes?.[id]) ? {} : Object.fromEntries(ids.flatMap((id) => (places[id] ? [[id, places[id]]] : [])));
  const nodes = Object.fromEntries(Object.entries(moved).filter(([id]) => file.nodes[id]));
  const marks = Object.entries(moved).flatMap(([id, at]) => markMove(file, id, at));
  return chain([...(Object.keys(nodes).length > 0 ? [moveNodes({ ...whole, ...nodes })] : []), ...marks]);
}

function markMove(file: WorkflowFile, id: string, [x, y]: Point): Change[] {
  const [kind, index] = id.split(":");
  const at = Number(index);
  if (file.nodes[id] || !Number.isInteger(at)) return [];
  const [, , width = 0, height = 0] = (kind === "group" ? file.layout?.groups : file.layout?.notes)?.[at]?.bounds ?? [];
  return [kind === "group" ? changeGroup(at, { bounds: [x, y, width, height] }) : changeNote(at, { bounds: [x, y, width, height] })];
}

/** What moves when one thing does: a group takes with it what lies on it. */
function movedBy(id: string, at: Point, file: WorkflowFile, places: Places): Places {
  const group = file.nodes[id] ? undefined : file.layout?.groups?.[Number(/^group:(\d+)$/.exec(id)?.[1])];
  if (!group) return { [id]: at };
  const [dx, dy] = [at[0] - (group.bounds[0] ?? 0), at[1] - (group.bounds[1] ?? 0)];
  const members = membersOf(group, places).flatMap((member): [string, Point][] => {
    const [x, y] = places[member] ?? [0, 0];
    return [[member, [x + dx, y + dy]]];
  });
  return { [id]: at, ...Object.fromEntries(members) };
}

function select(changes: readonly (NodeChange<Node> | EdgeChange)[], ui: ReturnType<typeof useSession>["ui"]): void {
  const picks = changes.filter((change) => change.type === "select");
  if (picks.length === 0) return;
  const now = new Set(ui.getState().selection);
  for (const { id, selected } of picks) {
    if (selected) now.add(id);
    else now.delete(id);
  }
  ui.select([...now]);
}

function isSame(a: Point | undefined, b: Point): boolean {
  return a?.[0] === b[0] && a[1] === b[1];
}
