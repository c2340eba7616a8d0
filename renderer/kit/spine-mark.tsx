/** The sign of the spine. */
import type { ReactElement } from 'react';

/** The same in every language. */
export const BRAND = 'Spine';

export function SpineMark(): ReactElement {
  return (
    <svg width="20" height="20" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#4453c9" />
      <path d="M16 6v20M16 9.5h7M16 16H8M16 22.5h7" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
