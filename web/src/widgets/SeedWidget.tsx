import { useState } from "react";
import { useEdit } from "../actions/edit";
import { useT } from "../i18n/t";
import { type SeedPolicy, policyOf } from "../run/seeds";
import { useDocument } from "../session";
import { IconButton } from "../ui/Button";
import { type IconName } from "../ui/Icon";
import { Menu } from "../ui/Menu";
import { NumberWidget } from "./NumberWidget";
import { type WidgetProps } from "./props";
import { SEED_POLICIES, drawSeed, setPolicy } from "./seed";
import styles from "./widgets.module.css";

const ICONS: Record<SeedPolicy, IconName> = { fixed: "lock", increment: "plus", random: "dice" };

/** A seed, and when it is drawn anew: at Run, so the field always shows the one that was used. */
export function SeedWidget(props: WidgetProps) {
  const { node, setting, label, onChange } = props;
  const t = useT();
  const edit = useEdit();
  const policy = useDocument(({ file }) => policyOf(file, node, setting.name));
  const [anchor, setAnchor] = useState<DOMRect>();
  const choose = (next: SeedPolicy): void => edit("edit.seed", { policy: t(`widgets.seed.${next}`) }, setPolicy(node, setting.name, next));
  return (
    <span className={styles.seed}>
      <NumberWidget {...props} />
      <IconButton small className="nodrag" icon={ICONS[policy]} label={`${label}: ${t(`widgets.seed.${policy}`)}`} aria-haspopup="menu" onClick={(event) => setAnchor(event.currentTarget.getBoundingClientRect())} />
      {anchor && (
        <Menu
          anchor={anchor}
          label={t("widgets.seed")}
          onClose={() => setAnchor(undefined)}
          sections={[
            SEED_POLICIES.map((name) => ({ id: name, label: t(`widgets.seed.${name}`), checked: name === policy, onPick: () => choose(name) })),
            [{ id: "draw", label: t("widgets.seed.draw"), icon: "dice", onPick: () => onChange(drawSeed()) }],
          ]}
        />
      )}
    </span>
  );
}
