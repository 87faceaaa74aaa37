import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { titleOf } from "../catalog/names";
import { type NodeSpec } from "../catalog/spec";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./DocsPanel.module.css";
import { NodeDocs } from "./NodeDocs";
import { SearchField } from "../ui/SearchField";

/** Help of the selected node; of any node type when none is selected. */
export function DocsPanel() {
  const t = useT();
  const { ui, catalog } = useSession();
  const specs = useStore(catalog, (state) => state.specs);
  const selected = useStore(ui, (state) => state.selection.at(-1));
  const type = useDocument(({ file }) => (selected === undefined ? undefined : file.nodes[selected]?.type));
  const [browsed, setBrowsed] = useState<string>();
  const shown = type ?? browsed;
  if (shown === undefined) return <Types specs={specs} onPick={setBrowsed} />;
  const spec = specs[shown];
  const back = (): void => {
    ui.select([]);
    setBrowsed(undefined);
  };
  return (
    <div className={styles.panel}>
      <Button small look="quiet" className={styles.back} onClick={back}>
        {`← ${t("docs.all")}`}
      </Button>
      {spec ? <NodeDocs spec={spec} node={type === undefined ? undefined : selected} /> : <p>{t("docs.unknown", { type: shown })}</p>}
    </div>
  );
}

function Types({ specs, onPick }: { specs: Readonly<Record<string, NodeSpec>>; onPick(type: string): void }) {
  const t = useT();
  const [query, setQuery] = useState("");
  const groups = useMemo(() => groupsOf(Object.values(specs), query), [specs, query]);
  return (
    <div className={styles.panel}>
      <SearchField label={t("docs.search")} value={query} onChange={setQuery} />
      {groups.length === 0 && <p className={styles.nothing}>{t("docs.nothing")}</p>}
      {groups.map(([category, found]) => (
        <section key={category} aria-label={category}>
          <h3 className={styles.category}>{category}</h3>
          <ul>
            {found.map((spec) => (
              <li key={spec.type}>
                <button type="button" className={styles.type} onClick={() => onPick(spec.type)}>
                  <span className={styles.name}>{titleOf(spec.type)}</span>
                  <span className={styles.summary}>{spec.summary}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function groupsOf(specs: readonly NodeSpec[], query: string): [string, NodeSpec[]][] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, NodeSpec[]>();
  for (const spec of specs) {
    const text = `${spec.type} ${titleOf(spec.type)} ${spec.category} ${spec.description}`.toLowerCase();
    if (words.every((word) => text.includes(word))) groups.set(spec.category, [...(groups.get(spec.category) ?? []), spec]);
  }
  return [...groups];
}
