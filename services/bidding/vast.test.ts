import { describe, expect, it } from 'vitest';
import { vastMimes, vastProtocol, vastSeconds } from './vast.ts';

describe('vastProtocol()', () => {
  it.each([
    ['<VAST version="2.0"></VAST>', 2],
    ['<?xml version="1.0"?><VAST xmlns="x" version="4.0"></VAST>', 7],
    ["<VAST version='4.2'/>", 13],
    ['<VAST version="3.0"><Ad id="1"><InLine></InLine></Ad></VAST>', 3],
    ['<VAST version="3.0"><Ad id="1"><Wrapper><VASTAdTagURI/></Wrapper></Ad></VAST>', 6],
    ['<VAST version="4.3"><Ad><Wrapper followAdditionalWrappers="0"></Wrapper></Ad></VAST>', 16],
    ['<VAST version="9.9"/>', 0],
    ['<b>no vast</b>', 0],
  ])('reads %s as %d', (adm, protocol) => {
    expect(vastProtocol(adm)).toBe(protocol);
  });
});

describe('vastSeconds()', () => {
  it.each([
    ['<Duration>00:00:15</Duration>', 15],
    ['<Duration> 01:02:03.250 </Duration>', 3_724],
    ['<VAST version="4.0"><Ad><Wrapper/></Ad></VAST>', undefined],
    ['<Duration>soon</Duration>', undefined],
  ])('reads %s as %s', (adm, seconds) => {
    expect(vastSeconds(adm)).toBe(seconds);
  });
});

describe('vastMimes()', () => {
  it('names each type of its files once', () => {
    const file = (type: string) => `<MediaFile delivery="progressive" type="${type}"></MediaFile>`;
    const adm = `<MediaFiles>${file('video/mp4')}${file('video/webm')}${
      file('video/mp4')
    }</MediaFiles>`;
    expect(vastMimes(adm)).toEqual(['video/mp4', 'video/webm']);
    expect(vastMimes('<b>none</b>')).toEqual([]);
  });
});
