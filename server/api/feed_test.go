package api

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/store/blob"
	"sextant/content/store/sqlite"
)

// TestFollowersAreNudged has a feed that hardly ever looks by itself: what a request changed is told all the same.
func TestFollowersAreNudged(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sextant.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	blobs, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := content.New(content.Options{Store: store, Blobs: blobs})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if _, err := s.Initialize(t.Context(), content.Principal{Member: "user:admin@x.org"}); err != nil {
		t.Fatal(err)
	}
	f := newFeed(s, time.Hour, slog.New(slog.DiscardHandler))
	defer f.close()
	signal, stop := f.follow()
	other, stopOther := f.follow()
	stopOther()
	for range 3 {
		_, err := s.Create(content.WithActor(t.Context(), content.Actor{Principal: "user:admin@x.org"}),
			content.NewResource{Parent: content.RootID, Type: content.Folder, Name: time.Now().Format("150405.000000000")})
		if err != nil {
			t.Fatal(err)
		}
		f.nudge()
		select {
		case <-signal:
		case <-time.After(10 * time.Second):
			t.Fatal("nobody told the follower")
		}
	}
	select {
	case <-other:
		t.Error("who has stopped is told")
	default:
	}
	stop()
	if len(f.followers) != 0 {
		t.Errorf("%d followers are left", len(f.followers))
	}
}
