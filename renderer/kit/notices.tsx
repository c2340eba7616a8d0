/** What a page shows when there is nothing to show, or not yet, or something went wrong. */
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { sayError } from './say-error.ts';

/** What happened, why, and what to do. */
export function ErrorNotice({ what, error, retry }: { what: string; error: unknown; retry?: (() => void) | undefined }): ReactElement {
  return (
    <div className="notice notice-error" role="alert">
      <IconAlertTriangle size={16} />
      <div>
        <strong>{what}</strong>
        <p>{sayError(error)}</p>
        {retry === undefined ? null : (
          <Button variant="default" onClick={retry}>
            {t('Try again')}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Nothing here, and what that means. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children === undefined ? null : <div>{children}</div>}
    </div>
  );
}

/** Grey lines in the place of rows, at first paint only. */
export function SkeletonRows({ rows = 8 }: { rows?: number }): ReactElement {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} style={{ width: `${90 - ((index * 37) % 45)}%` }} />
      ))}
    </div>
  );
}
