import { type ButtonHTMLAttributes, type Ref } from "react";
import styles from "./Button.module.css";
import { Icon, type IconName } from "./Icon";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: "plain" | "primary" | "quiet" | "danger";
  small?: boolean;
  icon?: IconName;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "plain", small, icon, className, children, ...rest }: ButtonProps) {
  const names = [styles.button, styles[look], small && styles.small, className];
  return (
    <button type="button" className={names.filter(Boolean).join(" ")} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "icon" | "children"> {
  icon: IconName;
  /** Its name for those who do not see the icon, and its tooltip. */
  label: string;
}

export function IconButton({ look = "quiet", small, icon, label, className, ...rest }: IconButtonProps) {
  const names = [styles.button, styles[look], styles.icon, small && styles.small, className];
  return (
    <button type="button" aria-label={label} title={label} className={names.filter(Boolean).join(" ")} {...rest}>
      <Icon name={icon} />
    </button>
  );
}
