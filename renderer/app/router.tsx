/** All pages and their addresses. Hash history: the same bundle works from http:// and app://. */
import { createHashHistory, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import {
  alertsSearch, auditSearch, backupsSearch, catalogueSearch, compareSearch, connectionsSearch, deadLettersSearch, documentsSearch, flowSearch, jobsSearch, redrivesSearch, replaySearch, rulesSearch, schedulesSearch, setAsideSearch, settingsSearch, streamsSearch, tiersSearch, traceSearch,
  tracesSearch,
} from './search-params.ts';
import { NotFoundPage, PageCrash, Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
const at = () => root;

const routes = [
  createRoute({ getParentRoute: at, path: '/', component: lazyRouteComponent(() => import('../overview/overview-page.tsx'), 'OverviewPage') }),
  createRoute({ getParentRoute: at, path: '/flow', validateSearch: flowSearch, component: lazyRouteComponent(() => import('../flow/flow-page.tsx'), 'FlowPage') }),
  createRoute({ getParentRoute: at, path: '/traces', validateSearch: tracesSearch, component: lazyRouteComponent(() => import('../traces/traces-page.tsx'), 'TracesPage') }),
  createRoute({
    getParentRoute: at,
    path: '/traces/$correlationId',
    validateSearch: traceSearch,
    component: lazyRouteComponent(() => import('../traces/trace-page.tsx'), 'TracePage'),
  }),
  createRoute({ getParentRoute: at, path: '/compare', validateSearch: compareSearch, component: lazyRouteComponent(() => import('../traces/compare-page.tsx'), 'ComparePage') }),
  createRoute({ getParentRoute: at, path: '/tiers', validateSearch: tiersSearch, component: lazyRouteComponent(() => import('../tiers/tiers-page.tsx'), 'TiersPage') }),
  createRoute({
    getParentRoute: at,
    path: '/dead-letters',
    validateSearch: deadLettersSearch,
    component: lazyRouteComponent(() => import('../dead-letters/dead-letters-page.tsx'), 'DeadLettersPage'),
  }),
  createRoute({ getParentRoute: at, path: '/redrives', validateSearch: redrivesSearch, component: lazyRouteComponent(() => import('../redrives/redrives-page.tsx'), 'RedrivesPage') }),
  createRoute({ getParentRoute: at, path: '/set-aside', validateSearch: setAsideSearch, component: lazyRouteComponent(() => import('../set-aside/set-aside-page.tsx'), 'SetAsidePage') }),
  createRoute({ getParentRoute: at, path: '/schedules', validateSearch: schedulesSearch, component: lazyRouteComponent(() => import('../schedules/schedules-page.tsx'), 'SchedulesPage') }),
  createRoute({ getParentRoute: at, path: '/replay', validateSearch: replaySearch, component: lazyRouteComponent(() => import('../replays/replays-page.tsx'), 'ReplaysPage') }),
  createRoute({ getParentRoute: at, path: '/connections', validateSearch: connectionsSearch, component: lazyRouteComponent(() => import('../connections/connections-page.tsx'), 'ConnectionsPage') }),
  createRoute({ getParentRoute: at, path: '/rules', validateSearch: rulesSearch, component: lazyRouteComponent(() => import('../rules/rules-page.tsx'), 'RulesPage') }),
  createRoute({ getParentRoute: at, path: '/streams', validateSearch: streamsSearch, component: lazyRouteComponent(() => import('../streams/streams-page.tsx'), 'StreamsPage') }),
  createRoute({ getParentRoute: at, path: '/catalogue', validateSearch: catalogueSearch, component: lazyRouteComponent(() => import('../catalogue/catalogue-page.tsx'), 'CataloguePage') }),
  createRoute({ getParentRoute: at, path: '/documents', validateSearch: documentsSearch, component: lazyRouteComponent(() => import('../search/documents-page.tsx'), 'DocumentsPage') }),
  createRoute({ getParentRoute: at, path: '/jobs', validateSearch: jobsSearch, component: lazyRouteComponent(() => import('../jobs/jobs-page.tsx'), 'JobsPage') }),
  createRoute({ getParentRoute: at, path: '/alerts', validateSearch: alertsSearch, component: lazyRouteComponent(() => import('../alerts/alerts-page.tsx'), 'AlertsPage') }),
  createRoute({ getParentRoute: at, path: '/settings', validateSearch: settingsSearch, component: lazyRouteComponent(() => import('../settings/settings-page.tsx'), 'SettingsPage') }),
  createRoute({ getParentRoute: at, path: '/audit', validateSearch: auditSearch, component: lazyRouteComponent(() => import('../audit/audit-page.tsx'), 'AuditPage') }),
  createRoute({ getParentRoute: at, path: '/backups', validateSearch: backupsSearch, component: lazyRouteComponent(() => import('../backups/backups-page.tsx'), 'BackupsPage') }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren(routes),
  history: createHashHistory(),
  defaultPreload: 'intent',
  defaultErrorComponent: PageCrash,
  // Pages read what they need themselves; the router only preloads their code.
  defaultPreloadStaleTime: 0,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
