/** The language of the console: one that was chosen, or the system's. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconCheck, IconLanguage } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { LANGUAGE_NAMES, LANGUAGES, t } from '../../shared/i18n/translate.ts';
import { type LanguageChoice, useLanguage } from '../i18n/language-choice.ts';

/** The switch in the header. */
export function LanguageSwitch(): ReactElement {
  const { choice, choose } = useLanguage();
  const choices: readonly LanguageChoice[] = [...LANGUAGES, 'auto'];
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon aria-label={t('Language')}>
          <IconLanguage size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((value) => (
          <Menu.Item key={value} rightSection={value === choice ? <IconCheck size={14} aria-label={t('chosen')} /> : null} onClick={() => choose(value)}>
            {value === 'auto' ? t('As the system') : LANGUAGE_NAMES[value]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
