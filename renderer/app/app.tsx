/** The console: theme, data, routes. */
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { type ReactElement, StrictMode } from 'react';
import { followDesktop } from '../desktop/desktop-client.ts';
import { DesktopGate } from '../desktop/desktop-gate.tsx';
import { useLanguage } from '../i18n/language-choice.ts';
import { queryClient } from './connection/client.ts';
import { followSite } from './connection/live-site.ts';
import { cspNonce } from './csp.ts';
import { preloadPages } from './preload-pages.ts';
import { router } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

followSite();
preloadPages();
followDesktop((path) => void router.navigate({ href: path }));

/** Everything on screen. */
export function App(): ReactElement {
  // Another language draws everything again: words are said while drawing, and rows that are kept must be said anew.
  const language = useLanguage((state) => state.language);
  return (
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={cspNonce}>
        <QueryClientProvider client={queryClient}>
          <DesktopGate key={language}>
            <RouterProvider router={router} />
          </DesktopGate>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>
  );
}
