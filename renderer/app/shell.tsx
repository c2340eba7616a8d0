/** The frame around every page: navigation, header, banners. */
import { Button, Modal } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { IconSearch } from '@tabler/icons-react';
import { type ErrorComponentProps, Link, Outlet, useNavigate } from '@tanstack/react-router';
import { type ReactElement, useCallback, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import { openPublishForm, PublishForm } from '../flow/publish-form.tsx';
import { Trans } from '../i18n/trans.tsx';
import { formatCount } from '../kit/format.ts';
import { ServicesNotice } from '../desktop/services-notice.tsx';
import { ErrorNotice } from '../kit/notices.tsx';
import { keysOfPage } from '../kit/page-keys.ts';
import { BRAND, SpineMark } from '../kit/spine-mark.tsx';
import { AccessPage } from './access-page.tsx';
import { ConnectionSign, LossBanner } from './connection-sign.tsx';
import { useConnection, useSiteStatus } from './connection/connection-store.ts';
import { WhoAmI } from './who-am-i.tsx';
import { AlertBell } from '../alerts/alert-bell.tsx';
import { DemoBanner } from './demo-traffic.tsx';
import { CHEATS, useKeyboard } from './keyboard.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { PAGES } from './pages.ts';
import { openPalette, Palette } from './palette.tsx';
import { SavedViewsMenu } from './saved-views-menu.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';

/** Where NATS and PostgreSQL run. */
const MODES = { embedded: message('embedded'), connected: message('connected'), mixed: message('mixed') } as const;

/** Root of all routes. */
export function Shell(): ReactElement {
  const [cheats, setCheats] = useState(false);
  const navigate = useNavigate();
  const openCheats = useCallback(() => setCheats(true), []);
  const go = useCallback((to: (typeof PAGES)[number]['to']) => void navigate({ to }), [navigate]);
  useKeyboard(go, openCheats);
  const refused = useConnection((state) => state.refused);
  const site = useSiteStatus();

  return (
    <div className="shell">
      <a className="skip" href="#main" onClick={(event) => skipTo(event)}>
        {t('Skip to the content')}
      </a>
      <Navigation />
      <header className="shell-head">
        <button type="button" className="head-search" onClick={openPalette}>
          <IconSearch size={14} /> {t('Search or jump')} <kbd>{t('Ctrl K')}</kbd>
        </button>
        <span className="head-gap" />
        <ConnectionSign />
        <AlertBell />
        <SavedViewsMenu />
        <LanguageSwitch />
        <SchemeSwitch />
      </header>
      <main className="shell-main" id="main" tabIndex={-1}>
        {refused ? (
          <AccessPage />
        ) : (
          <>
            <ServicesNotice />
            <LossBanner />
            {site?.demo.running === true ? <DemoBanner published={site.demo.published} /> : null}
            <div className="shell-page">
              <Outlet />
            </div>
          </>
        )}
      </main>
      <Palette openCheatSheet={openCheats} />
      <PublishForm />
      <Notifications position="bottom-right" limit={4} transitionDuration={0} />
      <Modal opened={cheats} onClose={() => setCheats(false)} title={t('Keys')} size="lg" closeButtonProps={{ 'aria-label': t('Close') }}>
        <dl className="cheats">
          {Object.entries(cheats ? keysOfPage() : {}).map(([key, { does }]) => (
            <CheatRow key={does} keys={[key]} does={t('{does} (this page)', { does })} />
          ))}
          {CHEATS.map(([keys, does]) => (
            <CheatRow key={does} keys={keys} does={t(does)} />
          ))}
        </dl>
      </Modal>
    </div>
  );
}

function skipTo(event: React.MouseEvent): void {
  // The hash belongs to the router.
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function CheatRow({ keys, does }: { keys: readonly string[]; does: string }): ReactElement {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key === 'Ctrl' ? t('Ctrl') : key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  );
}

function Navigation(): ReactElement {
  const site = useSiteStatus();
  const badges: Partial<Record<string, { count: number; dead: boolean; words: string }>> = site
    ? {
        '/dead-letters': { count: site.deadLetters.waiting, dead: true, words: t('waiting') },
        '/set-aside': { count: site.setAside.total, dead: false, words: t('messages') },
      }
    : {};
  return (
    <nav className="shell-nav" aria-label={t('Pages')}>
      <Link to="/" className="shell-brand">
        <SpineMark /> {BRAND}
      </Link>
      {PAGES.map(({ to, name, icon: Icon, key }) => {
        const badge = badges[to];
        return (
          <Link key={to} to={to} className="nav-link" activeOptions={{ exact: to === '/', includeSearch: false }} title={`${t(name)} (g ${key})`}>
            <Icon size={16} stroke={1.7} />
            {t(name)}
            {badge && badge.count > 0 ? (
              <span className={badge.dead ? 'nav-badge is-dead' : 'nav-badge'} title={badge.words}>
                {formatCount(badge.count)}
              </span>
            ) : null}
          </Link>
        );
      })}
      <Button variant="default" mt={8} onClick={() => openPublishForm()}>
        {t('Publish an event')}
      </Button>
      <div className="nav-foot">
        <WhoAmI />
        {site ? (
          <>
            <div title={t('Name of this site')}>{site.site}</div>
            <div>
              {site.version} · {t(MODES[site.mode])}
            </div>
          </>
        ) : null}
      </div>
    </nav>
  );
}

/** An address that is no page. */
export function NotFoundPage(): ReactElement {
  return (
    <div className="empty">
      <strong>{t('There is no such page')}</strong>
      <Trans message="The address may be from another version. Go to the <overview>overview</overview> or press <key>Ctrl</key> <key>K</key>." parts={{ overview: <Link to="/" />, key: <kbd /> }} />
    </div>
  );
}

/** A page that broke while drawing: say so and offer a way out. */
export function PageCrash({ error, reset }: ErrorComponentProps): ReactElement {
  return (
    <div className="page-content">
      <ErrorNotice what={t('This page could not be drawn. The site itself is not affected.')} error={error} retry={reset} />
    </div>
  );
}
