/** Entry of the console. */
import '@fontsource-variable/inter';
import '@fontsource/jetbrains-mono/400.css';
import '@fontsource/jetbrains-mono/500.css';
import '@mantine/core/styles.css';
import '@mantine/charts/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import 'react-json-view-lite/dist/index.css';
import './app/theme.css';
import './app/shell.css';
import './kit/kit.css';
import './flow/flow.css';
import './overview/overview.css';
import './alerts/alerts.css';
import './settings/settings.css';
import './traces/traces.css';
import './jobs/jobs.css';
import './tiers/tiers.css';
import './dead-letters/dead-letters.css';
import './desktop/desktop.css';
import './streams/streams.css';
import './rules/rules.css';
import './connections/connections.css';
import './catalogue/catalogue.css';
import './search/search.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { cspNonce } from './app/csp.ts';

// Dialogs lock the page's scrolling through a style element of their own and look for the nonce here.
window.__webpack_nonce__ = cspNonce();

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
