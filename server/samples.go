package server

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"sextant/content"
	"sextant/content/iam"
	"sextant/samples"
	"sextant/server/api"
)

// addSamples makes the folder that a new server begins with; everybody who signs in may read and run it.
func addSamples(ctx context.Context, s *content.Service, admin iam.Member) error {
	ctx = content.WithActor(ctx, content.Actor{Principal: admin})
	folder, err := s.Create(ctx, content.NewResource{Parent: content.RootID, Type: content.Folder, Name: "Samples", Origin: content.ByImport,
		Description: "Notebooks, scripts and data to begin with."})
	if err != nil {
		return err
	}
	folders := map[string]content.ResourceID{".": folder.ID}
	err = fs.WalkDir(samples.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		n := content.NewResource{Parent: folders[path.Dir(name)], Name: path.Base(name), Type: api.TypeOf(name), Origin: content.ByImport}
		if d.IsDir() {
			n.Type = content.Folder
			made, err := s.Create(ctx, n)
			folders[name] = made.ID
			return err
		}
		f, err := samples.Files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close() // it only reads
		n.Content = f
		_, err = s.Create(ctx, n)
		return err
	})
	if err != nil {
		return err
	}
	source, err := s.Create(ctx, content.NewResource{Parent: folder.ID, Type: content.DataSource, Name: path.Base(sampleData), Origin: content.ByImport,
		Description: "Flights, weather, airports and more, as the schema sample of SQL sessions.",
		Content:     strings.NewReader("# The sample data, wherever this server keeps it.\nkind = \"folder\"\npath = \"" + samplesPath + "/data\"\n")})
	if err != nil {
		return err
	}
	use := iam.Policy{Bindings: []iam.Binding{{Role: iam.UserRole, Members: []iam.Member{iam.AllAuthenticatedUsers}}}}
	if _, err := s.SetIamPolicy(ctx, source.ID, use); err != nil {
		return err
	}
	policy, err := s.GetIamPolicy(ctx, folder.ID)
	if err != nil {
		return err
	}
	policy.Bindings = append(policy.Bindings, iam.Binding{Role: iam.Runner, Members: []iam.Member{iam.AllAuthenticatedUsers}})
	_, err = s.SetIamPolicy(ctx, folder.ID, policy)
	return err
}

// writeSamples puts the sample data onto the disk, where sessions can read it.
func writeSamples(dir string) error {
	return fs.WalkDir(samples.Files, "data", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		b, err := samples.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if have, err := os.Stat(to); err == nil && have.Size() == int64(len(b)) {
			return nil
		}
		if err := os.WriteFile(to+".new", b, 0o644); err != nil {
			return err
		}
		return os.Rename(to+".new", to)
	})
}
