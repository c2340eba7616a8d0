/**
 * A plugin: an event type, a job type that the event owes, and the handler that does the job.
 *
 * Put the folder that holds it into the site's configuration, and restart:
 *
 *   plugins: { folder: examples/plugins }
 *
 * Then publish communication.VisitorArrived { "name": "Ada", "language": "de" }: GreetJob runs, and
 * communication.VisitorGreeted follows.
 */
import type { PluginKit } from 'spine-console/sdk';

const GREETINGS: Record<string, string> = { de: 'Guten Tag', en: 'Good day', fr: 'Bonjour' };

// The kit brings everything that is needed at run time, so the plugin works wherever its folder is.
export default ({ z, definePlugin, defineEvent, defineJob, defineHandler, on, NotRetryableError }: PluginKit) => {
  const VisitorArrived = defineEvent({
    type: 'communication.VisitorArrived',
    description: 'Somebody has come to the front desk.',
    schema: z.looseObject({ name: z.string().min(1), language: z.string().optional() }),
    example: { name: 'Ada', language: 'de' },
  });
  const VisitorGreeted = defineEvent({
    type: 'communication.VisitorGreeted',
    description: 'A visitor was greeted.',
    schema: z.looseObject({ name: z.string().min(1), words: z.string().min(1) }),
    example: { name: 'Ada', words: 'Guten Tag, Ada!' },
  });

  const GreetJob = defineJob({
    type: 'GreetJob',
    description: 'Greets a visitor in their language.',
    tier: 'interactive',
    // Running it again would only say the same again.
    replaySafety: 'idempotent',
    schema: z.looseObject({ name: z.string().min(1), language: z.string().default('en') }),
    triggers: [on(VisitorArrived)],
  });

  const greet = defineHandler(GreetJob, async (attempt) => {
    const { name, language } = attempt.input;
    const greeting = GREETINGS[language];
    // Another attempt would not know the language either: straight to the dead letters, where a person sees it.
    if (greeting === undefined) throw new NotRetryableError(`No greeting is known in the language "${language}" (known: ${Object.keys(GREETINGS).join(', ')}).`);
    attempt.emit(VisitorGreeted, { name, words: `${greeting}, ${name}!` });
  });

  return definePlugin({ name: 'greeter', version: '1.0.0', events: [VisitorArrived, VisitorGreeted], jobs: [GreetJob], handlers: [greet] });
};
