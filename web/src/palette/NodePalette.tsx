import { type CSSProperties } from "react";
import { useStore } from "zustand";
import { addFromPalette } from "./add-node";
import { labelOf, titleOf } from "../catalog/names";
import { type NodeSpec } from "../catalog/spec";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { categoryHue } from "../theme/hues";
import { Picker, type PickerItem } from "../ui/Picker";
import { Popover } from "../ui/Popover";
import { fitting } from "./fitting";
import styles from "./Palette.module.css";
import { rank } from "./rank";

const WIDTH = 560;

/** The search for a node to add; begun from a wire it shows only what that wire fits. */
export function NodePalette() {
  const t = useT();
  const session = useSession();
  const request = useStore(session.ui, (state) => state.palette);
  const specs = useStore(session.catalog, (state) => state.specs);
  const file = useDocument((state) => state.file);
  if (!request) return null;
  const close = (): void => session.ui.setState({ palette: undefined });
  const offered = fitting(Object.values(specs), request.from);
  const find = (query: string): PickerItem[] => {
    const found = rank(offered, query);
    return (query ? found : found.toSorted((a, b) => a.category.localeCompare(b.category))).map((spec) => itemOf(spec, !query));
  };
  const at = request.at ?? [window.innerWidth / 2 - WIDTH / 2, window.innerHeight * 0.16];
  return (
    <Popover anchor={{ x: at[0], y: at[1] }} label={t("action.palette")} width={WIDTH} onClose={close}>
      <Picker
        label={t("action.palette")}
        placeholder={request.from ? t("palette.fitting", { type: request.from.type ?? "" }) : t("palette.search", { count: offered.length })}
        nothing={t("palette.nothing")}
        find={find}
        preview={(type) => specs[type] && <Preview spec={specs[type]} />}
        onCancel={close}
        onPick={(type) => {
          close();
          const spec = specs[type];
          if (spec) addFromPalette(session, file, spec, request);
        }}
      />
    </Popover>
  );
}

function itemOf(spec: NodeSpec, grouped: boolean): PickerItem {
  const mark = <span className={styles.mark} style={{ "--hue": categoryHue(spec.category) } as CSSProperties} />;
  return { id: spec.type, label: titleOf(spec.type), hint: grouped ? undefined : spec.category, group: grouped ? spec.category : undefined, mark };
}

function Preview({ spec }: { spec: NodeSpec }) {
  const t = useT();
  return (
    <div className={styles.preview}>
      <h3>{titleOf(spec.type)}</h3>
      <p>{spec.summary}</p>
      <Ports title={t("palette.takes")} ports={spec.inputs} />
      <Ports title={t("palette.gives")} ports={spec.outputs} />
    </div>
  );
}

function Ports({ title, ports }: { title: string; ports: readonly { name: string; type: string }[] }) {
  if (ports.length === 0) return null;
  return (
    <dl className={styles.ports}>
      <dt>{title}</dt>
      {ports.map(({ name, type }) => (
        <dd key={name}>
          {labelOf(name)} <span>{type}</span>
        </dd>
      ))}
    </dl>
  );
}
