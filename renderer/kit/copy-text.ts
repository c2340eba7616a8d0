/** Text for the clipboard. A browser may refuse it (a page without focus, a policy): then that is said, and nothing looks copied that is not. */
import { t } from '../../shared/i18n/translate.ts';
import { tellError } from './toasts.tsx';

export async function copyText(text: string, done: () => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch (error) {
    tellError(t('Nothing was copied'), error);
    return;
  }
  done();
}
