/** Short notices in the corner: that something worked (with a way to see it), or that it did not. */
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { sayError } from './say-error.ts';

const closeButton = (): { 'aria-label': string } => ({ 'aria-label': t('Close') });

/** It worked. */
export function tellDone(title: string, detail?: ReactNode): void {
  notifications.show({ title, message: detail ?? '', color: 'green', icon: <IconCheck size={16} />, autoClose: 8_000, withBorder: true, closeButtonProps: closeButton() });
}

/** It did not. Stays until closed: a person must be able to read it. */
export function tellError(title: string, error: unknown): void {
  notifications.show({ title, message: sayError(error), color: 'red', icon: <IconX size={16} />, autoClose: false, withBorder: true, closeButtonProps: closeButton() });
}

/** Something is wrong, and here is where to look. Stays until closed. */
export function tellTrouble(title: string, words: string, where: ReactNode): void {
  notifications.show({ title, message: <>{words} {where}</>, color: 'red', icon: <IconAlertTriangle size={16} />, autoClose: false, withBorder: true, closeButtonProps: closeButton() });
}
