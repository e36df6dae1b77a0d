/** Who sees the sample traffic's ads: devices and the places they are in, with rough market shares. */

export interface DeviceModel {
  /** OpenRTB devicetype (AdCOM, List: Device Types): 2 computer, 3 television, 4 phone, 5 tablet. */
  devicetype: 2 | 3 | 4 | 5;
  make: string;
  model: string;
  os: string;
  osv: string;
  /** Screen in pixels. */
  w: number;
  h: number;
  ua: string;
  weight: number;
}

const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const SAFARI_MOBILE = `${WEBKIT} Mobile/15E148 Safari/604.1`;
const GECKO = 'Gecko/20100101 Firefox/145.0';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0';

export const DEVICES: readonly DeviceModel[] = [
  phone('Apple', 'iPhone15,4', 'iOS', '18.6', 1179, 2556, 18),
  phone('Apple', 'iPhone17,1', 'iOS', '26.0', 1206, 2622, 10),
  phone('Samsung', 'SM-S921B', 'Android', '15', 1080, 2340, 12),
  phone('Samsung', 'SM-A556B', 'Android', '14', 1080, 2340, 9),
  phone('Google', 'Pixel 9', 'Android', '16', 1080, 2424, 5),
  phone('Xiaomi', '23117RA68G', 'Android', '14', 1080, 2400, 6),
  tablet('Apple', 'iPad14,8', 'iPadOS', '18.5', 1640, 2360, 5),
  tablet('Samsung', 'SM-X510', 'Android', '15', 1440, 2304, 3),
  computer('Windows', '11', `(Windows NT 10.0; Win64; x64) ${BLINK} Safari/537.36`, 15),
  computer('Windows', '10', `(Windows NT 10.0; Win64; x64; rv:145.0) ${GECKO}`, 4),
  computer('macOS', '15.6', `(Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Safari/605.1.15`, 8),
  computer('Linux', '', `(X11; Linux x86_64) ${BLINK} Safari/537.36`, 2),
  television('Samsung', 'QE55Q80C', 'Tizen', '7.0', '(SMART-TV; LINUX; Tizen 7.0)', 6),
  television('LG', 'OLED55C3', 'webOS', '8.0', '(Web0S; Linux/SmartTV)', 4),
];

export interface Town {
  /** ISO-3166-1 alpha-3, as OpenRTB Geo.country. */
  country: string;
  region: string;
  city: string;
  lat: number;
  lon: number;
  /** ISO-639-1, as OpenRTB Device.language. */
  language: string;
  /** GDPR applies. */
  gdpr: boolean;
  weight: number;
}

export const TOWNS: readonly Town[] = [
  town('USA', 'NY', 'New York', 40.71, -74.01, 'en', false, 14),
  town('USA', 'CA', 'Los Angeles', 34.05, -118.24, 'en', false, 12),
  town('USA', 'TX', 'Houston', 29.76, -95.37, 'en', false, 8),
  town('GBR', 'ENG', 'London', 51.51, -0.13, 'en', true, 12),
  town('DEU', 'BE', 'Berlin', 52.52, 13.41, 'de', true, 9),
  town('DEU', 'BY', 'Munich', 48.14, 11.58, 'de', true, 7),
  town('FRA', 'IDF', 'Paris', 48.86, 2.35, 'fr', true, 10),
  town('ESP', 'MD', 'Madrid', 40.42, -3.7, 'es', true, 6),
  town('ITA', '25', 'Milan', 45.46, 9.19, 'it', true, 5),
  town('BRA', 'SP', 'São Paulo', -23.55, -46.63, 'pt', false, 6),
  town('JPN', '13', 'Tokyo', 35.68, 139.69, 'ja', false, 5),
  town('IND', 'MH', 'Mumbai', 19.08, 72.88, 'en', false, 6),
];

function phone(
  make: string,
  model: string,
  os: 'iOS' | 'Android',
  osv: string,
  w: number,
  h: number,
  weight: number,
): DeviceModel {
  const ua = os === 'iOS'
    ? `Mozilla/5.0 (iPhone; CPU iPhone OS ${osv.replace('.', '_')} like Mac OS X) ${SAFARI_MOBILE}`
    : `Mozilla/5.0 (Linux; Android ${osv}; ${model}) ${BLINK} Mobile Safari/537.36`;
  return { devicetype: 4, make, model, os, osv, w, h, ua, weight };
}

function tablet(
  make: string,
  model: string,
  os: 'iPadOS' | 'Android',
  osv: string,
  w: number,
  h: number,
  weight: number,
): DeviceModel {
  const ua = os === 'iPadOS'
    ? `Mozilla/5.0 (iPad; CPU OS ${osv.replace('.', '_')} like Mac OS X) ${SAFARI_MOBILE}`
    : `Mozilla/5.0 (Linux; Android ${osv}; ${model}) ${BLINK} Safari/537.36`;
  return { devicetype: 5, make, model, os, osv, w, h, ua, weight };
}

function computer(os: string, osv: string, agent: string, weight: number): DeviceModel {
  const make = os === 'macOS' ? 'Apple' : '';
  const ua = `Mozilla/5.0 ${agent}`;
  return { devicetype: 2, make, model: '', os, osv, w: 1920, h: 1080, ua, weight };
}

function television(
  make: string,
  model: string,
  os: string,
  osv: string,
  agent: string,
  weight: number,
): DeviceModel {
  const ua = `Mozilla/5.0 ${agent} ${BLINK} TV Safari/537.36`;
  return { devicetype: 3, make, model, os, osv, w: 3840, h: 2160, ua, weight };
}

function town(
  country: string,
  region: string,
  city: string,
  lat: number,
  lon: number,
  language: string,
  gdpr: boolean,
  weight: number,
): Town {
  return { country, region, city, lat, lon, language, gdpr, weight };
}
