/** Light, dark, or as the system says; remembered. */
import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';

const SCHEMES = [
  { value: 'light', name: message('Light'), icon: IconSun },
  { value: 'dark', name: message('Dark'), icon: IconMoon },
  { value: 'auto', name: message('As the system'), icon: IconDeviceDesktop },
] as const;

/** The switch in the header. */
export function SchemeSwitch(): ReactElement {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Current = SCHEMES.find(({ value }) => value === colorScheme)?.icon ?? IconDeviceDesktop;
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <ActionIcon aria-label={t('Colour scheme')}>
          <Current size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {SCHEMES.map(({ value, name, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={14} />}
            rightSection={value === colorScheme ? <IconCheck size={14} aria-label={t('chosen')} /> : null}
            onClick={() => {
              setColorScheme(value);
              // The early script painted the root itself; from now on the style sheet does.
              document.documentElement.style.backgroundColor = '';
            }}
          >
            {t(name)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
