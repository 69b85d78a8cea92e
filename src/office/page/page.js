// The dossier opens here and nowhere else: the secret stands behind the `#` of the address, which no browser sends. Written for
// browsers of 2020 and later (Chrome 80, Safari 13): no modules, no optional chaining. Formats: src/envelope.rs.
(function () {
  'use strict';
  var WORDS = window.KIOSK_WORDS;
  var LOOKUP = 'kiosk-envelope-v1/lookup';
  var DIGITS = 6;
  var english = false;
  var state = { page: 'wait' };

  // What the page says itself; names of fields, answers and papers are the kiosk's, in words.js.
  var SAID = {
    title: ['Hồ sơ hộ chiếu của tôi', 'My passport application'],
    other: ['English', 'Tiếng Việt'],
    wait: ['Đang tìm hồ sơ…', 'Looking for the application…'],
    ask: ['6 số cuối của số căn cước', 'Last 6 digits of the citizen number'],
    askWhy: ['Hồ sơ chỉ hiện khi số đúng với thẻ đã dùng. Số này không được gửi đi.', 'It is shown only for the number of the card that was used. The number is not sent anywhere.'],
    open: ['Mở hồ sơ', 'Open the application'],
    wrong: ['Số không đúng. Còn {n} lần.', 'That is not the number. Tries left: {n}.'],
    copied: ['Đã chép', 'Copied'],
    copy: ['Chép', 'Copy'],
    copyThis: ['Chép {}', 'Copy {}'],
    agency: ['1. Chọn cơ quan', '1. Choose the agency'],
    compare: ['2. So với Cổng', '2. Compare with the portal'],
    compareWhy: ['Cổng tự điền từ dữ liệu dân cư. Nếu khác, sửa ở công an xã trước khi nộp.', 'The portal fills these in by itself. If they differ, have them put right at the commune police first.'],
    fill: ['3. Chép vào Cổng', '3. Copy into the portal'],
    photo: ['Ảnh chân dung', 'Portrait'],
    photoGet: ['Tải ảnh về máy', 'Save the photo'],
    photoNone: ['Hồ sơ không có ảnh. Chuẩn bị ảnh 4×6 nền trắng, tệp JPG dưới 2 MB.', 'There is no photo in it. Bring one of 4×6, white background, a JPG below 2 MB.'],
    missing: ['Còn thiếu', 'Still missing'],
    steps: ['Cách nộp trên Cổng', 'How to file it on the portal'],
    step1: ['Mở {portal} và đăng nhập bằng VNeID mức 2 của chính Anh/Chị.', 'Open {portal} and log in with your own VNeID, level 2.'],
    step2: ['Chọn cấp hộ chiếu phổ thông, chọn cơ quan, rồi chép từng mục ở trên.', 'Choose the ordinary passport, the agency, and copy the values above.'],
    step3: ['Tải ảnh và ảnh chụp hai mặt thẻ căn cước lên.', 'Upload the photo and pictures of both sides of your card.'],
    step4: ['Nhập mã xác nhận, đọc và đánh dấu lời cam đoan. Việc này chỉ Anh/Chị được làm.', 'Type the captcha, read and tick the legal statement. Only you may do this.'],
    step5: ['Chỉ trả lệ phí sau khi Cổng báo hồ sơ được tiếp nhận, và chỉ trên Cổng.', 'Pay the fee only after the portal has accepted the application, and only on the portal.'],
    fraud: ['Cẩn thận lừa đảo', 'Beware of fraud'],
    fraudNow: ['Không cơ quan nào gọi điện xin mật khẩu, mã OTP hay tiền. Không đưa phiếu này cho người lạ.', 'No office ever calls to ask for a password, an OTP or money. Give this slip to nobody.'],
    code: ['Mã hồ sơ Cổng đã cấp', 'Code the portal gave'],
    codeWhy: ['Ghi lại để cán bộ theo dõi giúp. Không bắt buộc.', 'Note it so that the officers can follow it. Not required.'],
    codeSave: ['Ghi mã', 'Note the code'],
    codeSaved: ['Đã ghi mã {}.', 'Noted: {}.'],
    codeBad: ['Mã gồm 8 đến 64 chữ, số, dấu chấm, dấu gạch.', 'A code has 8 to 64 letters, digits, dots and dashes.'],
    received: ['Cơ quan nhận ngày {}', 'Received by the office on {}'],
    noKey: ['Địa chỉ này thiếu mã của phiếu', 'The slip’s key is missing from this address'],
    noKeyNow: ['Quét lại mã QR trên phiếu bằng máy ảnh của điện thoại.', 'Scan the QR code on your slip again with the phone’s camera.'],
    triage: ['Đây là phiếu hẹn', 'This is the slip of a first visit'],
    triageNow: ['Phiếu này mở tại trạm hộ chiếu: bấm “Tôi đã có phiếu” và đưa mã QR vào đầu đọc.', 'It is for the kiosk: press “I have a slip” there and hold the QR code to the reader.'],
    old: ['Trình duyệt này không mở được', 'This browser cannot open it'],
    oldNow: ['Mở bằng Chrome hoặc Safari mới hơn, ở địa chỉ bắt đầu bằng https.', 'Use a newer Chrome or Safari, at an address that begins with https.'],
    unknown: ['Cơ quan chưa có hồ sơ của phiếu này', 'The office does not have this application yet'],
    unknownNow: ['Nếu máy chưa có mạng, hồ sơ sẽ đến sau. Thử lại ngày mai, hoặc dùng các mục in trên phiếu.', 'If the kiosk had no network, it comes later. Try again tomorrow, or use the values printed on your slip.'],
    gone: ['Phiếu này đã bị khóa', 'This slip is locked'],
    goneNow: ['Quá nhiều lần số không đúng, hoặc cán bộ đã khóa. Hồ sơ vẫn còn. Hỏi cán bộ.', 'Too many wrong numbers, or an officer has locked it. The application is still there. Ask an officer.'],
    expired: ['Phiếu này đã hết hạn', 'This slip has expired'],
    expiredNow: ['Đến trạm hộ chiếu hoặc cơ quan để lập lại hồ sơ.', 'Go to the kiosk or the office to prepare it again.'],
    busy: ['Có quá nhiều người hỏi cùng lúc', 'Too many people are asking at once'],
    busyNow: ['Đợi một phút rồi thử lại.', 'Wait a minute and try again.'],
    net: ['Không liên lạc được với cơ quan', 'The office cannot be reached'],
    netNow: ['Kiểm tra mạng của điện thoại rồi thử lại.', 'Check the phone’s network and try again.'],
    broken: ['Hồ sơ không mở được', 'The application does not open'],
    brokenNow: ['Dữ liệu nhận được không khớp với phiếu. Hỏi cán bộ, giữ lại phiếu.', 'What came does not fit the slip. Ask an officer, and keep the slip.'],
    again: ['Thử lại', 'Try again']
  };

  function say(name, value) {
    return SAID[name][english ? 1 : 0].replace(/\{[a-z]*\}/, value === undefined ? '' : value);
  }

  function word(pair) { return pair ? pair[english ? 1 : 0] : ''; }

  // bytes

  function utf8(text) { return new TextEncoder().encode(text); }

  function fromB64(text) {
    var raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    var out = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { out[i] = raw.charCodeAt(i); }
    return out;
  }

  function toB64(bytes) {
    var raw = '';
    for (var i = 0; i < bytes.length; i++) { raw += String.fromCharCode(bytes[i]); }
    return btoa(raw).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  }

  function uuid(text) {
    var hex = text.replace(/-/g, '');
    var out = new Uint8Array(16);
    for (var i = 0; i < 16; i++) { out[i] = parseInt(hex.substr(2 * i, 2), 16); }
    return out;
  }

  function u16(n) { return new Uint8Array([n >> 8, n & 255]); }

  function join(list) {
    var length = list.reduce(function (sum, one) { return sum + one.length; }, 0);
    var out = new Uint8Array(length), at = 0;
    list.forEach(function (one) { out.set(one, at); at += one.length; });
    return out;
  }

  // Each field behind its length, as `in_order` does.
  function inOrder(fields) {
    return join(fields.reduce(function (all, field) { return all.concat([u16(field.length), field]); }, []));
  }

  function same(a, b) {
    var differ = a.length ^ b.length;
    for (var i = 0; i < a.length; i++) { differ |= a[i] ^ b[i]; }
    return differ === 0;
  }

  // the envelope

  function derive(key, salt, label) {
    return crypto.subtle.importKey('raw', key, 'HKDF', false, ['deriveBits']).then(function (base) {
      return crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: salt, info: utf8(label) }, base, 256);
    }).then(function (bits) { return new Uint8Array(bits); });
  }

  function unseal(key, n, sealed, aad) {
    var iv = new Uint8Array(12);
    iv.set(u16(n), 10);
    return crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']).then(function (aes) {
      return crypto.subtle.decrypt({ name: 'AES-GCM', iv: iv, additionalData: aad }, aes, sealed);
    }).then(function (plain) { return new Uint8Array(plain); });
  }

  function bound(manifest, label, rest) {
    var fields = [utf8(label), uuid(manifest.submission_id), uuid(manifest.dossier_id), utf8(manifest.kiosk_id),
      utf8(manifest.form_edition)];
    if (manifest.v === 2) { fields.push(utf8(manifest.office_kid), new Uint8Array([manifest.suite])); }
    return inOrder(fields.concat(rest));
  }

  function contentKey(manifest, secret) {
    var labels = 'kiosk-envelope-v' + manifest.v;
    var salt = uuid(manifest.submission_id);
    if (manifest.v !== 1 && manifest.v !== 2) { return Promise.reject(new Error('version')); }
    return derive(secret, salt, labels + '/slip').then(function (key) {
      return unseal(key, 0, fromB64(manifest.slip_wrap), bound(manifest, labels + '/slip', []));
    }).then(function (key) {
      return derive(key, salt, labels + '/commit').then(function (commitment) {
        if (!same(commitment, fromB64(manifest.commitment))) { throw new Error('commitment'); }
        return key;
      });
    });
  }

  function openPart(manifest, key, entry, sealed) {
    return crypto.subtle.digest('SHA-256', sealed).then(function (digest) {
      if (!same(new Uint8Array(digest), fromB64(entry.sha256))) { throw new Error('part'); }
      var rest = [u16(entry.n), u16(manifest.parts.length)];
      if (entry.place) { rest.push(u16(entry.place.content), u16(entry.place.piece), u16(entry.place.pieces)); }
      rest.push(utf8(entry.media_type));
      return unseal(key, entry.n, sealed, bound(manifest, 'kiosk-envelope-v' + manifest.v + '/part', rest));
    });
  }

  // The contents: the form first.
  function contents(manifest, pieces) {
    var whole = [];
    manifest.parts.forEach(function (entry, i) {
      if (entry.place && entry.place.piece > 0) {
        whole[whole.length - 1].bytes = join([whole[whole.length - 1].bytes, pieces[i]]);
      } else {
        whole.push({ type: entry.media_type, bytes: pieces[i] });
      }
    });
    return whole;
  }

  // the office

  function ask(path, body) {
    return fetch('h/' + path, {
      method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
      cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer'
    }).then(null, function () { throw new Error('net'); }).then(function (answer) {
      if (answer.ok) { return answer; }
      if (answer.status === 404) { throw new Error('unknown'); }
      if (answer.status === 429) { throw new Error('busy'); }
      return answer.json().then(null, function () { return {}; }).then(function (refusal) {
        throw new Error(refusal.code === 'expired-slip' ? 'expired' : answer.status === 410 ? 'gone' : 'net');
      });
    });
  }

  function find() {
    state = { page: 'wait', secret: state.secret };
    draw();
    derive(state.secret, new Uint8Array(0), LOOKUP).then(function (lookup) {
      state.lookup = toB64(lookup);
      return ask('open', { lookup: state.lookup });
    }).then(function (answer) { return answer.json(); }).then(function (found) {
      state.found = found;
      state.left = found.openings_left + 1;
      var manifest = state.manifest = JSON.parse(new TextDecoder().decode(fromB64(found.manifest)));
      return Promise.all([contentKey(manifest, state.secret)].concat(manifest.parts.map(function (entry) {
        return ask('part', { lookup: state.lookup, n: entry.n }).then(function (answer) { return answer.arrayBuffer(); });
      })));
    }).then(function (got) {
      return Promise.all(state.manifest.parts.map(function (entry, i) {
        return openPart(state.manifest, got[0], entry, got[i + 1]);
      }));
    }).then(function (pieces) {
      var whole = contents(state.manifest, pieces);
      state.dossier = JSON.parse(new TextDecoder().decode(whole[0].bytes));
      var portrait = whole.filter(function (one) { return one.type === 'image/jpeg'; })[0];
      if (portrait) { state.portrait = new Blob([portrait.bytes], { type: 'image/jpeg' }); }
      state.page = 'ask';
      draw();
    }).then(null, fail);
  }

  var KNOWN = ['unknown', 'gone', 'expired', 'busy', 'net'];

  function fail(error) {
    state.page = 'told';
    state.told = KNOWN.indexOf(error && error.message) >= 0 ? error.message : 'broken';
    draw();
  }

  function compare(typed) {
    var pin = state.dossier.fields.pin.value;
    var digits = typed.replace(/\D/g, '');
    if (digits.length !== DIGITS) { return; }
    if (pin.slice(-DIGITS) === digits) {
      ask('opened', { lookup: state.lookup }).then(null, function () {});
      state.page = 'open';
      draw();
      return;
    }
    // The next try is an opening of its own, counted by the office before anything else.
    state.wrong = true;
    ask('open', { lookup: state.lookup }).then(function (answer) { return answer.json(); }).then(function (found) {
      state.left = found.openings_left + 1;
      draw();
    }).then(null, fail);
  }

  // what is shown

  function make(tag, inside, more) {
    var element = document.createElement(tag);
    (Array.isArray(inside) ? inside : inside === undefined ? [] : [inside]).forEach(function (one) {
      element.appendChild(typeof one === 'string' ? document.createTextNode(one) : one);
    });
    Object.keys(more || {}).forEach(function (name) {
      if (name === 'click') { element.addEventListener('click', more[name]); }
      else if (name === 'class') { element.className = more[name]; }
      else { element.setAttribute(name, more[name]); }
    });
    return element;
  }

  function told(what, now, kind) {
    return make('div', [make('b', what), now || ''], { 'class': 'told ' + (kind || ''), role: 'status' });
  }

  function copyText(text) {
    if (navigator.clipboard && navigator.clipboard.writeText) { return navigator.clipboard.writeText(text).then(null, oldCopy); }
    return Promise.resolve(oldCopy());
    function oldCopy() {
      var area = make('textarea', text);
      document.body.appendChild(area);
      area.select();
      document.execCommand('copy');
      document.body.removeChild(area);
    }
  }

  function shown(key, value) {
    var answer = WORDS.answers[value];
    return WORDS.coded.indexOf(key) >= 0 && answer ? word(answer) : value;
  }

  function rows(step) {
    var list = make('dl');
    WORDS.order.forEach(function (place) {
      var filled = state.dossier.fields[place[1]];
      if (place[0] !== step || !filled || !filled.value) { return; }
      var label = word(WORDS.fields[place[1]]), text = shown(place[1], filled.value);
      var button = make('button', say('copy'), {
        type: 'button', 'aria-label': say('copyThis', label), 'data-key': place[1],
        click: function () { copyText(text).then(function () { button.textContent = say('copied'); }); }
      });
      list.appendChild(make('div', [make('div', [make('dt', label), make('dd', text)]), button], { 'class': 'row' }));
    });
    return list.childNodes.length ? [list] : [];
  }

  function portrait() {
    if (!state.portrait) { return [make('p', say('photoNone'))]; }
    if (!state.url) { state.url = URL.createObjectURL(state.portrait); }
    return [
      make('img', undefined, { src: state.url, alt: say('photo') }),
      make('a', say('photoGet'), { href: state.url, download: 'anh-4x6.jpg', 'class': 'button', id: 'photo' })
    ];
  }

  function missing() {
    var papers = (state.dossier.papers || []).filter(function (code) { return code !== 'portrait' && WORDS.papers[code]; });
    return papers.map(function (code) { return told(word(WORDS.papers[code].what), word(WORDS.papers[code].now)); });
  }

  function portalCode() {
    var input = make('input', undefined, { id: 'code', autocomplete: 'off', maxlength: '64', autocapitalize: 'characters' });
    var heard = make('div');
    if (state.found.portal_code) {
      input.value = state.found.portal_code;
      heard.appendChild(told(say('codeSaved', state.found.portal_code), '', 'good'));
    }
    var button = make('button', say('codeSave'), {
      type: 'button', id: 'save-code', click: function () {
        var code = input.value.trim();
        heard.textContent = '';
        if (!/^(?=.*\d)[A-Za-z0-9.\-]{8,64}$/.test(code)) { heard.appendChild(told(say('codeBad'), '', 'problem')); return; }
        ask('code', { lookup: state.lookup, code: code }).then(function () {
          state.found.portal_code = code;
          heard.appendChild(told(say('codeSaved', code), '', 'good'));
        }, function () { heard.appendChild(told(say('net'), say('netNow'), 'problem')); });
      }
    });
    return [make('label', say('code'), { 'for': 'code' }), make('p', say('codeWhy'), { 'class': 'quiet' }), input, heard, button];
  }

  function dossier() {
    var portal = state.found.portal || (english ? 'the address on your slip' : 'địa chỉ in trên phiếu');
    var day = new Date(state.found.received_ms).toLocaleDateString(english ? 'en-GB' : 'vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' });
    return [].concat(
      make('p', say('received', day), { 'class': 'quiet' }),
      make('h2', say('agency')), rows('agency'),
      make('h2', say('compare')), make('p', say('compareWhy'), { 'class': 'quiet' }), rows('compare'),
      make('h2', say('fill')), rows('fill'),
      make('h2', say('photo')), portrait(),
      make('h2', say('missing')), missing(),
      make('h2', say('steps')),
      make('ol', ['step1', 'step2', 'step3', 'step4', 'step5'].map(function (step) { return make('li', say(step, portal)); })),
      told(say('fraud'), say('fraudNow'), 'problem'),
      portalCode()
    );
  }

  function question() {
    var input = make('input', undefined, {
      id: 'digits', inputmode: 'numeric', autocomplete: 'off', maxlength: String(DIGITS), pattern: '[0-9]*'
    });
    var open = make('button', say('open'), { type: 'button', id: 'open', 'class': 'primary', click: function () { compare(input.value); } });
    input.addEventListener('keydown', function (event) { if (event.key === 'Enter') { compare(input.value); } });
    return [
      state.wrong ? told(say('wrong', String(state.left)), '', 'problem') : make('span'),
      make('label', say('ask'), { 'for': 'digits' }), make('p', say('askWhy'), { 'class': 'quiet' }), input, make('p'), open
    ];
  }

  function draw() {
    document.documentElement.lang = english ? 'en' : 'vi';
    document.title = document.getElementById('title').textContent = say('title');
    var other = document.getElementById('language');
    other.textContent = say('other');
    other.lang = english ? 'vi' : 'en';
    var main = document.getElementById('main');
    main.textContent = '';
    main.setAttribute('data-page', state.page === 'told' ? state.told : state.page);
    var inside = state.page === 'open' ? dossier() : state.page === 'ask' ? question()
      : state.page === 'told' ? [told(say(state.told), say(state.told + 'Now'), 'problem')] : [make('p', say('wait'))];
    inside.forEach(function (one) { main.appendChild(one); });
    if (state.page === 'told' && (state.told === 'net' || state.told === 'busy')) {
      main.appendChild(make('button', say('again'), { type: 'button', 'class': 'primary', click: find }));
    }
  }

  function begin() {
    document.getElementById('language').addEventListener('click', function () { english = !english; draw(); });
    var fragment = location.hash.replace(/^#/, '');
    // What stands in the address bar is in screenshots and histories too.
    history.replaceState(null, '', location.pathname);
    if (/^t\d\./.test(fragment)) { return tell('triage'); }
    if (!/^[A-Za-z0-9_-]{43}$/.test(fragment)) { return tell('noKey'); }
    if (!window.crypto || !crypto.subtle || !window.fetch || !window.TextEncoder) { return tell('old'); }
    state.secret = fromB64(fragment);
    find();
  }

  function tell(why) {
    state = { page: 'told', told: why };
    draw();
  }

  begin();
}());
