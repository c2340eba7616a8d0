/** What the shell decides without Electron: links, alerts, tray, place of the window, menu, autostart. */
import { describe, expect, test } from 'vitest';
import { CONSOLE_PATHS, isConsolePath } from '../shared/console-paths.ts';
import type { SetupPlan } from '../shared/desktop-api.ts';
import { addCatalogue, speak, verbatim, words } from '../shared/i18n/translate.ts';
import siteWords from '../shared/i18n/words.de.json' with { type: 'json' };
import type { SiteStatus } from '../shared/operator-api/index.ts';
import { AlertPolicy } from './alerts.ts';
import { autostartEntry } from './autostart-entry.ts';
import { linkAmong, pageOfLink } from './deep-links.ts';
import { menuTemplate, type MenuActions } from './menu-template.ts';
import { NewsDesk } from './news-desk.ts';
import { withoutPasswordsInAddresses } from './setup-plan.ts';
import { trayWords } from './tray-words.ts';
import { placeOnScreens } from './window-place.ts';
import shellWords from './words.de.json' with { type: 'json' };

describe('links of the scheme spine:', () => {
  test.each([
    ['spine://traces/7f3a-1', '/traces/7f3a-1'], ['spine:///traces/7f3a-1', '/traces/7f3a-1'], ['spine://dead-letters', '/dead-letters'], ['spine://dead-letters/', '/dead-letters'],
    ['spine://overview', '/'], ['spine://open/flow?q=type%3Arule.*', '/flow?q=type%3Arule.*'], ['spine://tiers?tier=realtime', '/tiers?tier=realtime'],
    // Who climbs ends at the page.
    ['spine://traces/%2e%2e', '/traces'],
  ])('%s opens %s', (link, page) => expect(pageOfLink(link)).toBe(page));

  test.each([
    'spine://nowhere', 'spine://traces/a/b', 'spine://traces/<script>', 'spine://user@traces/x', 'spine://traces:80/x', 'spine://tiers#x', 'https://traces/x', 'spine:traces/x',
    'spine://flow/../../etc', '', `spine://flow?q=${'x'.repeat(600)}`,
  ])('%s leads nowhere', (link) => expect(pageOfLink(link)).toBeNull());

  test('are found among arguments', () => {
    expect(linkAmong(['/opt/spine', '--hidden', 'spine://flow'])).toBe('spine://flow');
    expect(linkAmong(['/opt/spine', 'https://x'])).toBeNull();
  });
  test.each(CONSOLE_PATHS)('every page has one: %s', (path) => expect(isConsolePath(path)).toBe(true));
});

type Attention = SiteStatus['attention'][number];
const thing = (id: string, severity: Attention['severity'] = 'warning'): Attention => ({ id, severity, ...verbatim(`${id}.`), link: `/tiers?tier=${id}` });

describe('alerts', () => {
  test('tell what is new, once, with the page it is about; what was there before the app was opened is no news', () => {
    const policy = new AlertPolicy();
    expect(policy.news([thing('old')], 0)).toEqual([]);
    expect(policy.news([thing('old'), thing('new', 'error'), thing('note', 'info')], 1_000)).toEqual([{ title: 'Something is broken', body: 'new.', path: '/tiers?tier=new' }]);
    expect(policy.news([thing('old'), thing('new', 'error')], 2_000)).toEqual([]);
  });

  test('do not repeat what flaps, and tell again what came back after a while', () => {
    const policy = new AlertPolicy();
    policy.news([], 0);
    expect(policy.news([thing('a')], 1_000)).toHaveLength(1);
    policy.news([], 2_000);
    expect(policy.news([thing('a')], 100_000)).toEqual([]);
    policy.news([], 101_000);
    expect(policy.news([thing('a')], 500_000)).toHaveLength(1);
  });

  test('of many at once are one', () => {
    const policy = new AlertPolicy();
    policy.news([], 0);
    expect(policy.news(['a', 'b', 'c', 'd'].map((id) => thing(id)), 1_000)).toMatchObject([{ title: '4 things want attention', path: '/' }]);
  });
});

describe('the tray', () => {
  const status = (part: object): SiteStatus => ({ site: 'w3', components: [], attention: [], tiers: [{ tier: 'realtime', verdict: 'kept', p99Ms: 8.2 }], deadLetters: { waiting: 0 }, ...part }) as unknown as SiteStatus;
  const running = { phase: 'running', message: null } as const;

  test('is calm when all is well', () => {
    expect(trayWords(running, status({}))).toEqual({ tone: 'ok', headline: 'w3: All is well', tiers: ['realtime: kept, p99 8 ms'], deadLetters: 'No dead letters', badge: 0 });
  });
  test.each([
    [status({ deadLetters: { waiting: 14 }, attention: [thing('dead-letters')] }), 'warn', 'w3: 1 thing wants attention'],
    [status({ tiers: [{ tier: 'realtime', verdict: 'broken', p99Ms: 900 }] }), 'bad', 'w3: 1 promise broken'],
    [status({ components: [{ name: 'PostgreSQL', health: 'down' }] }), 'bad', 'w3: PostgreSQL down'],
  ] as const)('tells the worst first (%#)', (site, tone, headline) => expect(trayWords(running, site)).toMatchObject({ tone, headline }));
  test('claims nothing without a status', () => {
    expect(trayWords(running, null)).toMatchObject({ tone: 'off', deadLetters: 'Dead letters: unknown' });
    expect(trayWords({ phase: 'restarting', message: 'x' }, status({}))).toMatchObject({ tone: 'warn', tiers: [] });
    expect(trayWords({ phase: 'failed', message: 'x' }, null)).toMatchObject({ tone: 'bad' });
  });
});

test('menu, tray and notifications speak German once told', () => {
  addCatalogue('de', siteWords);
  addCatalogue('de', shellWords);
  speak('de');
  try {
    const labels = JSON.stringify(menuTemplate({} as MenuActions, { dataFolder: null, window: null, closeToTray: true, trayHintGiven: false, notifications: false, startAtLogin: false, updateUrl: null }, 'linux'));
    expect(labels).toContain('Worker anhalten …');
    expect(labels).toContain('Übersicht');
    expect(labels).not.toMatch(/"(Site|Go|View|Help|Overview|Copy|Reload|Quit…)"/);
    expect(trayWords({ phase: 'starting', message: null }, null)).toMatchObject({ headline: 'Die Dienste starten …', deadLetters: 'Dead Letters: unbekannt' });
    const policy = new AlertPolicy();
    policy.news([], 0);
    const late = { id: 'a', severity: 'error' as const, link: '/tiers', ...words('The copy {stream} is {n, number} events behind.', { stream: 'audit-log', n: 20_000 }) };
    expect(policy.news([late], 1_000)).toEqual([{ title: 'Etwas ist gebrochen', body: 'Die Kopie audit-log ist 20.000 Events zurück.', path: '/tiers' }]);
  } finally {
    speak('en');
  }
});

describe('the window', () => {
  const screen = { x: 0, y: 0, width: 1_920, height: 1_080 };
  test.each([
    [{ x: 40, y: 30, width: 1_100, height: 700 }, true], [{ x: -900, y: 0, width: 1_100, height: 700 }, true], [{ x: -1_000, y: 0, width: 1_100, height: 700 }, false],
    [{ x: 0, y: -50, width: 1_100, height: 700 }, false], [{ x: 3_000, y: 100, width: 1_100, height: 700 }, false], [{ x: 0, y: 1_050, width: 1_100, height: 700 }, false],
  ])('goes where it was if a hand can reach it there: %o %s', (bounds, isThere) => expect(placeOnScreens(bounds, [screen])).toEqual(isThere ? bounds : null));
  test('finds the second screen', () => expect(placeOnScreens({ x: 2_500, y: 100, width: 800, height: 600 }, [screen, { ...screen, x: 1_920 }])).not.toBeNull());
});

describe('the menu', () => {
  const nothing = (): void => undefined;
  const went: string[] = [];
  const actions = new Proxy({ go: (path: string) => went.push(path) } as unknown as MenuActions, { get: (target, name) => Reflect.get(target, name) ?? nothing });
  const template = menuTemplate(actions, { dataFolder: null, window: null, closeToTray: true, trayHintGiven: false, notifications: false, startAtLogin: false, updateUrl: null }, 'linux');
  const items = template.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));

  test('leads to every page, and no two entries share a shortcut', () => {
    for (const { click } of items.filter(({ label }) => label !== undefined)) if (click) click({ checked: true } as never, undefined, {} as never);
    expect(new Set(went)).toEqual(new Set(CONSOLE_PATHS));
    const keys = items.flatMap(({ accelerator }) => (accelerator ? [accelerator] : []));
    expect(new Set(keys).size).toBe(keys.length);
  });
  test('shows the settings as they are', () => expect(items.filter(({ type }) => type === 'checkbox').map(({ label, checked }) => [label, checked])).toEqual([['Start at login', false], ['Keep running in the tray when closed', true], ['Notify about trouble', false]]));
});

test('an autostart entry survives paths with blanks, quotes and percent signs', () => {
  expect(autostartEntry('/opt/Spine "x" $HOME 100%/spine', {})).toContain('Exec="/opt/Spine \\"x\\" \\$HOME 100%%/spine" --hidden\n');
});

test('a password in an address moves to the secrets', () => {
  const plan: SetupPlan = {
    dataFolder: '/d', workers: true, demo: false,
    nats: { kind: 'outside', url: 'nats://u:p%40ss@bus:4222', credentials: '' }, database: { kind: 'outside', url: ' postgres://u@db/x ', password: 'typed' },
  };
  expect(withoutPasswordsInAddresses(plan)).toMatchObject({ nats: { url: 'nats://u@bus:4222', credentials: 'p@ss' }, database: { url: 'postgres://u@db/x', password: 'typed' } });
});

describe('news to the window', () => {
  const first = { phase: 'starting', sinceMs: 0, dataFolder: null, message: null, failures: 0, nextTryMs: null, canChangeSetup: true } as const;

  test('are the state at once, then each change, the newest only for a slow reader; words of another phase go', async () => {
    const desk = new NewsDesk(first);
    const stop = new AbortController();
    const news = desk.watch(stop.signal);
    expect((await news.next()).value).toMatchObject({ kind: 'state', state: { phase: 'starting' } });
    desk.change({ phase: 'restarting', message: 'why', failures: 2 });
    desk.change({ phase: 'running' });
    expect((await news.next()).value).toMatchObject({ kind: 'state', state: { phase: 'running', message: null, failures: 0 } });
    const waiting = news.next();
    stop.abort();
    expect((await waiting).done).toBe(true);
  });

  test('keep a page that was asked for before there was a window', async () => {
    const desk = new NewsDesk(first);
    desk.go('/flow');
    desk.go('/traces/x');
    const news = desk.watch(new AbortController().signal);
    await news.next();
    expect((await news.next()).value).toEqual({ kind: 'go', path: '/traces/x' });
  });
});
