package render

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// address says where a link of the document may lead: http, https, mailto, a place in the page, or a relative path.
// "" is nowhere. What browsers strip from an address before they read its scheme is not let through.
func (j *job) address(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > 8_192 || strings.ContainsFunc(ref, func(r rune) bool { return r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\\' }) {
		return ""
	}
	if fragment, ok := strings.CutPrefix(ref, "#"); ok {
		if name, err := url.PathUnescape(fragment); err == nil {
			fragment = name
		}
		return "#" + elementID(fragment)
	}
	scheme := scheme(ref)
	switch scheme {
	case "http", "https":
		// Without its slashes a browser would take it for a path on the page's own host.
		if u, err := url.Parse(ref); err != nil || u.Host == "" {
			return ""
		}
		return j.led(ref)
	case "mailto":
		return ref
	case "":
		if strings.HasPrefix(ref, "//") {
			return ""
		}
		return j.led(ref)
	}
	return ""
}

// led is where a link leads on this page.
func (j *job) led(ref string) string {
	if j.o.Link == nil {
		return ref
	}
	return checked(j.o.Link(ref, false), "http", "https")
}

// scheme is the scheme of an address in lower case; "" for a relative one. It errs towards seeing one.
func scheme(ref string) string {
	i := strings.IndexAny(ref, ":/?#")
	if i < 0 || ref[i] != ':' {
		// An entity or a blank before the colon would have been resolved by now; what is left is a path.
		return ""
	}
	return strings.ToLower(ref[:i+1])[:max(i, 1)] // an empty one is none that is allowed
}

// checked lets an address of ours through that is relative or of one of the schemes.
func checked(ref string, schemes ...string) string {
	s := scheme(ref)
	if s == "" && !strings.HasPrefix(ref, "//") {
		return ref
	}
	for _, ok := range schemes {
		if s == ok {
			return ref
		}
	}
	return ""
}

// picture gives the source for an img element: a picture within the document, or what [Options].Link gives. "" is none.
func (j *job) picture(ref string) string {
	ref = strings.TrimSpace(ref)
	if len(ref) > 5 && strings.EqualFold(ref[:5], "data:") {
		return j.dataPicture(ref)
	}
	if j.o.Link == nil || ref == "" || strings.ContainsFunc(ref, func(r rune) bool { return r < ' ' }) || strings.HasPrefix(ref, "#") {
		return ""
	}
	got := j.o.Link(ref, true)
	if len(got) > 5 && strings.EqualFold(got[:5], "data:") {
		return j.dataPicture(got)
	}
	return checked(got, "http", "https")
}

// pictureTypes are what an img element may be given. Its script, if an SVG has any, does not run there.
var pictureTypes = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/svg+xml": true, "image/bmp": true, "image/avif": true}

// dataPicture checks a data: address; "" if it is no picture or too long.
func (j *job) dataPicture(ref string) string {
	head, body, ok := strings.Cut(ref[5:], ",")
	if !ok || len(ref) > j.limits.Image {
		return ""
	}
	kind, params, _ := strings.Cut(strings.ToLower(head), ";")
	kind = strings.TrimSpace(kind)
	if kind == "image/jpg" {
		kind = "image/jpeg"
	}
	if !pictureTypes[kind] {
		return ""
	}
	if strings.HasSuffix(params, "base64") {
		if body = base64Text(body); body == "" {
			return ""
		}
		return "data:" + kind + ";base64," + body
	}
	text, err := url.PathUnescape(body)
	if err != nil {
		return ""
	}
	return dataAddress(kind, text)
}

// base64Text is base64 without blanks; "" if it is none.
func base64Text(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isBase64(c) {
			if c != '\n' && c != '\r' && c != ' ' && c != '\t' {
				return ""
			}
			clean = false
		}
	}
	if clean {
		return s
	}
	return strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "").Replace(s)
}

func isBase64(c byte) bool { return base64Bytes[c] }

var base64Bytes = func() (t [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") {
		t[c] = true
	}
	return t
}()

// dataAddress is a picture's text or bytes as an address.
func dataAddress(kind, content string) string {
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString([]byte(content))
}
