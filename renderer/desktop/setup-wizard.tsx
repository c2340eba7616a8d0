/** The first run: how the site runs, where its data is, and what it begins with. */
import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type FormEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import type { SecretKeeping, SetupPlan, SetupVerdict } from '../../shared/desktop-api.ts';
import { say, t } from '../../shared/i18n/translate.ts';
import { sayError } from '../kit/say-error.ts';
import { BRAND, SpineMark } from '../kit/spine-mark.tsx';
import { ErrorNotice } from '../kit/notices.tsx';
import { desktop } from './desktop-client.ts';
import { FolderStep } from './folder-step.tsx';
import { ModeStep } from './mode-step.tsx';
import { ServersStep } from './servers-step.tsx';
import { type StepId, stepsOf } from './setup-steps.ts';
import { StartStep } from './start-step.tsx';

/** What was found about each thing that can be tested; null while it was not, or was changed since. */
export interface Verdicts {
  readonly nats: SetupVerdict | null;
  readonly database: SetupVerdict | null;
  readonly folder: SetupVerdict | null;
}

/** What every step gets. */
export interface StepProps {
  readonly plan: SetupPlan;
  readonly change: (part: Partial<SetupPlan>) => void;
  readonly verdicts: Verdicts;
  readonly judged: (part: Partial<Verdicts>) => void;
}

/** Everything on screen before there is a site. */
export function SetupWizard(): ReactElement | null {
  const [begun, setBegun] = useState<{ plan: SetupPlan; keeping: SecretKeeping; isFirst: boolean } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  useEffect(() => {
    desktop().setup.begin().then(setBegun, setProblem);
  }, []);
  if (problem !== null) {
    return (
      <main className="access">
        <ErrorNotice what={t('The setup can’t begin')} error={problem} retry={() => location.reload()} />
      </main>
    );
  }
  return begun === null ? null : <Wizard {...begun} />;
}

function Wizard({ plan: beginning, keeping, isFirst }: { plan: SetupPlan; keeping: SecretKeeping; isFirst: boolean }): ReactElement {
  const [plan, setPlan] = useState(beginning);
  const [verdicts, setVerdicts] = useState<Verdicts>({ nats: null, database: null, folder: null });
  const [at, setAt] = useState<StepId>('mode');
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [insists, setInsists] = useState(false);
  const step = useRef<HTMLDivElement>(null);
  const steps = stepsOf(plan);
  const index = steps.findIndex(({ id }) => id === at);
  const isLast = index === steps.length - 1;

  const judged = (part: Partial<Verdicts>): void => setVerdicts((before) => ({ ...before, ...part }));
  const change = (part: Partial<SetupPlan>): void => {
    setPlan((before) => ({ ...before, ...part }));
    setProblem(null);
    setInsists(false);
    // What was tested is no longer what stands there.
    judged({ ...(part.nats ? { nats: null } : {}), ...(part.database ? { database: null } : {}), ...(part.dataFolder === undefined ? {} : { folder: null }) });
  };
  const move = (by: 1 | -1): void => {
    setProblem(null);
    setInsists(false);
    setAt(steps[index + by]?.id ?? at);
    // Whoever can't see the page change hears it: the new question is read out.
    requestAnimationFrame(() => step.current?.focus());
  };

  /** Test what this step decided; @returns whether all of it is good. */
  const test = async (): Promise<boolean> => {
    const { setup } = desktop();
    if (at === 'folder') {
      const folder = await setup.checkFolder({ folder: plan.dataFolder });
      judged({ folder });
      return folder.ok;
    }
    if (at !== 'servers') return true;
    const [nats, database] = await Promise.all([
      plan.nats.kind === 'outside' ? setup.testNats(plan.nats) : null,
      plan.database.kind === 'outside' ? setup.testDatabase(plan.database) : null,
    ]);
    judged({ nats, database });
    return nats?.ok !== false && database?.ok !== false;
  };

  const forward = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      if (!isLast) {
        // A server may be away today and there tomorrow: whoever insists may go on. A folder that can't be used can't.
        if ((insists && at === 'servers') || (await test())) move(1);
        else setInsists(at === 'servers');
        return;
      }
      const { problem: why } = await desktop().setup.finish(plan);
      // Done: the app changes its state, and with it what is on screen.
      setProblem(why === null ? null : say(why));
    } catch (error) {
      setProblem(sayError(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void forward();
  };

  const props: StepProps = { plan, change, verdicts, judged };
  return (
    <div className="setup">
      <nav className="setup-rail" aria-label={t('Steps of the setup')}>
        <div className="shell-brand">
          <SpineMark /> {BRAND}
        </div>
        <ol>
          {steps.map(({ id, name }, position) => (
            <li key={id} aria-current={id === at ? 'step' : undefined} className={position < index ? 'is-done' : undefined}>
              <span className="setup-number">{position < index ? <IconCheck size={12} stroke={3} aria-label={t('done')} /> : position + 1}</span>
              {t(name)}
            </li>
          ))}
        </ol>
        <p className="setup-rail-foot">{isFirst ? t('All of this can be changed later, in spine.yaml of the data folder.') : t('The site’s data is kept, whatever you change here.')}</p>
      </nav>
      <main className="setup-main">
        <form className="setup-form" onSubmit={submit}>
          <div className="setup-step" ref={step} tabIndex={-1}>
            {at === 'mode' ? <ModeStep {...props} /> : null}
            {at === 'servers' ? <ServersStep {...props} keeping={keeping} /> : null}
            {at === 'folder' ? <FolderStep {...props} /> : null}
            {at === 'start' ? <StartStep {...props} /> : null}
            {problem === null ? null : <ErrorNotice what={t('The site was not started; nothing was changed')} error={problem} />}
          </div>
          <div className="setup-foot">
            {index > 0 ? (
              <Button variant="default" onClick={() => move(-1)} disabled={busy}>
                {t('Back')}
              </Button>
            ) : null}
            <span className="head-gap" />
            <Button type="submit" loading={busy}>
              {isLast ? t('Start the site') : insists ? t('Go on anyway') : at === 'servers' ? t('Test and go on') : t('Go on')}
            </Button>
          </div>
        </form>
      </main>
    </div>
  );
}
