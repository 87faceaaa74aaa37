import { useMemo } from "react";
import { useStore } from "zustand";
import { labelOf, titleOf } from "../catalog/names";
import { linkTo } from "../document/model";
import { useT } from "../i18n/t";
import { type Session, useDocument, useSession } from "../session";
import { Picker, type PickerItem } from "../ui/Picker";
import { Popover } from "../ui/Popover";
import { followersOf, sourcesFor } from "./candidates";
import { type Row } from "./rows";
import { addAfter, addAlone, link } from "./verbs";

export type Asked = { anchor: DOMRect } & ({ kind: "link" | "after"; row: Row } | { kind: "alone"; row?: undefined });

interface ChooserProps {
  asked: Asked;
  onClose(): void;
  /** With the row the focus goes to. */
  onDone(row: string): void;
}

interface Offer extends PickerItem {
  /** Takes the offer; gives the row to go to. */
  take(): string;
}

/** Offers what fits: the outputs an input may read, or the nodes that may read from one. */
export function Chooser({ asked, onClose, onDone }: ChooserProps) {
  const t = useT();
  const session = useSession();
  const file = useDocument((state) => state.file);
  const specs = useStore(session.catalog, (state) => state.specs);
  const offers = useMemo(() => offersFor(session, asked, file, specs), [session, asked, file, specs]);
  const label = labelFor(t, asked);
  const find = (query: string): Offer[] => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return offers.filter(({ label: name, hint, id }) => words.every((word) => `${name} ${hint ?? ""} ${id}`.toLowerCase().includes(word)));
  };
  const pick = (id: string): void => {
    const row = offers.find((offer) => offer.id === id)?.take();
    onClose();
    if (row !== undefined) onDone(row);
  };
  return (
    <Popover anchor={asked.anchor} label={label} width={300} onClose={onClose}>
      <Picker label={label} placeholder={t("outline.search")} nothing={t("outline.nothing")} find={find} onPick={pick} onCancel={onClose} />
    </Popover>
  );
}

function labelFor(t: ReturnType<typeof useT>, { kind, row }: Asked): string {
  if (kind === "alone") return t("outline.add");
  if (kind === "link") return t("outline.link", { input: row.kind === "input" ? row.input.name : "" });
  return t("outline.addAfter", { node: row.node.title });
}

type File = Parameters<typeof sourcesFor>[0];
type Specs = Parameters<typeof sourcesFor>[1];

function offersFor(session: Session, { kind, row }: Asked, file: File, specs: Specs): Offer[] {
  if (kind === "alone") return Object.values(specs).map((spec) => ({ id: spec.type, label: titleOf(spec.type), hint: spec.category, take: () => addAlone(session, spec) }));
  if (kind === "after") return afterOffers(session, row, file, specs);
  if (row.kind !== "input") return [];
  const target = { node: row.node.id, port: row.input.name };
  return sourcesFor(file, specs, target).map((source) => ({
    id: linkTo(source).link,
    label: file.layout?.titles?.[source.node] ?? source.node,
    hint: labelOf(source.port),
    take: () => {
      link(session, source, target);
      return row.key;
    },
  }));
}

function afterOffers(session: Session, row: Row, file: File, specs: Specs): Offer[] {
  const output = row.kind === "output" ? row.output.name : undefined;
  return followersOf(file, specs, row.node.id, output).map((follower) => ({
    id: `${follower.source.port}//${follower.spec.type}`,
    label: titleOf(follower.spec.type),
    hint: `${labelOf(follower.source.port)} → ${labelOf(follower.port)}`,
    take: () => addAfter(session, follower),
  }));
}
