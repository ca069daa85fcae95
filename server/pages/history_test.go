package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"sextant/server/servertest"
)

func TestHistoryAndComparison(t *testing.T) {
	s := servertest.Start(t)
	editor, viewer := s.User("ana@x.org"), s.User("bo@x.org")
	in := folder(t, s)
	id, first := document(t, s, in, "late.ipynb", ran)
	share(t, s, id, "editor", "user:ana@x.org")
	share(t, s, id, "viewer", "user:bo@x.org")
	changed := strings.NewReplacer("1 + 1", `1 + 1\nprint('<b>x</b>')`, "<td onclick='x()'>2<", "<td>three<", "# Late", "# Very late").Replace(ran)
	second := s.Want(http.StatusOK, editor, "PUT", "v1/resources/"+id+"/content?message=better&name=final", changed, "If-Match", `"`+first+`"`).JSON(t)["revision"].(map[string]any)["id"].(string)
	history := s.Want(http.StatusOK, editor, "GET", "n/"+id+"/history", nil)
	for _, want := range []string{"better", "final", "ana@x.org", "admin@localhost", ">Restore<", "?rev=" + first} {
		if !strings.Contains(history.Text, want) {
			t.Errorf("no %s in %s", want, history.Text)
		}
	}
	if named := s.Want(http.StatusOK, editor, "GET", "n/"+id+"/history?named=1", nil); strings.Contains(named.Text, "?rev="+first) || !strings.Contains(named.Text, "?rev="+second) {
		t.Error("not the named ones alone")
	}
	there := s.Want(http.StatusSeeOther, editor, "GET", "n/"+id+"/compare?from="+first+"&to="+second, nil).Header.Get("Location")
	if there != "/n/"+id+"/diff/"+first+".."+second {
		t.Errorf("leads to %s", there)
	}
	diff := s.Want(http.StatusOK, editor, "GET", there, nil)
	for _, want := range []string{"Revision 1 to 2", "# Very late", "print(&#39;&lt;b&gt;x&lt;/b&gt;&#39;)", "Output before", "three", ">2</td>", `<style nonce="`} {
		if !strings.Contains(diff.Text, want) {
			t.Errorf("no %s in %s", want, diff.Text)
		}
	}
	if same := s.Want(http.StatusOK, editor, "GET", "n/"+id+"/diff/"+first+".."+first, nil); !strings.Contains(same.Text, "Both revisions are the same") {
		t.Error("a revision differs from itself")
	}
	for _, pair := range []string{"x", "x..y", first + "..", first + "..019ad000-0000-7000-8000-000000000000"} {
		s.Want(http.StatusNotFound, editor, "GET", "n/"+id+"/diff/"+pair, nil)
	}
	other, others := document(t, s, in, "other.ipynb", ran)
	s.Want(http.StatusNotFound, editor, "GET", "n/"+id+"/diff/"+first+".."+others, nil)
	s.Want(http.StatusNotFound, editor, "GET", "n/"+other+"/history", nil)
	// Restoring is for those who may save.
	s.Want(http.StatusForbidden, viewer, "POST", "n/"+id+"/restore?rev="+first+"&base="+second, nil)
	s.Want(http.StatusConflict, editor, "POST", "n/"+id+"/restore?rev="+first+"&base="+first, nil)
	s.Want(http.StatusSeeOther, editor, "POST", "n/"+id+"/restore?rev="+first+"&base="+second, nil)
	if now := s.Want(http.StatusOK, editor, "GET", "n/"+id, nil); !strings.Contains(now.Text, "Revision 3 of 3") || strings.Contains(now.Text, "Very late") {
		t.Error("it was not restored")
	}
	// Text is compared by lines, what is not text not at all.
	sql, a := document(t, s, in, "a.sql", "SELECT 1")
	b := s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+sql+"/content", "SELECT 2", "If-Match", "*").JSON(t)["revision"].(map[string]any)["id"].(string)
	if diff := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+sql+"/diff/"+a+".."+b, nil); !strings.Contains(diff.Text, "SELECT 2") {
		t.Error(diff.Text)
	}
	bin, a := document(t, s, in, "a.bin", "\x00\x01")
	b = s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+bin+"/content", "\x00\x02", "If-Match", "*").JSON(t)["revision"].(map[string]any)["id"].(string)
	if diff := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+bin+"/diff/"+a+".."+b, nil); !strings.Contains(diff.Text, "is not text") {
		t.Error(diff.Text)
	}
}
