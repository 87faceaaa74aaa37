import { type ComponentType } from "react";
import { type SettingKind } from "../catalog/settings";
import { ChoiceWidget } from "./ChoiceWidget";
import { InputWidget, ModelWidget } from "./FileWidgets";
import { JsonWidget } from "./JsonWidget";
import { NumberWidget } from "./NumberWidget";
import { type WidgetProps } from "./props";
import { SeedWidget } from "./SeedWidget";
import { SwitchWidget } from "./SwitchWidget";
import { LineWidget, TextWidget } from "./TextWidget";

/** One widget per kind of setting. */
export const WIDGETS: Record<SettingKind, ComponentType<WidgetProps>> = {
  number: NumberWidget,
  seed: SeedWidget,
  text: TextWidget,
  line: LineWidget,
  choice: ChoiceWidget,
  switch: SwitchWidget,
  model: ModelWidget,
  input: InputWidget,
  json: JsonWidget,
};
