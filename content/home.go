package content

import (
	"context"
	"errors"

	"sextant/content/iam"
)

// HomesName is the folder in the root that holds everybody's home folder.
const HomesName = "home"

// Home gives the actor's home folder, /home/ADDRESS, which they own; where there is none yet, it is made. ErrNotFound:
// something else has its name, or the actor's token may not create folders.
func (s *Service) Home(ctx context.Context) (Resource, error) {
	var out Resource
	find := func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		homes, err := a.tx.Child(RootID, HomesName)
		if err != nil {
			return err
		}
		own, err := a.tx.Child(homes.ID, who.Value())
		if err != nil {
			return err
		}
		t, err := a.check(opGet, own.ID)
		if err != nil {
			return err
		}
		if t.Owner != who || t.Type != Folder { // whoever may write in /home could have put it there
			return errNotHome
		}
		out, err = a.shown(t.Placed)
		return err
	}
	err := s.view(ctx, find)
	if isNotFound(err) {
		err = s.update(ctx, func(a *access) error {
			if err := find(a); !isNotFound(err) {
				return err
			}
			if err := a.makeHome(); err != nil {
				return err
			}
			return find(a)
		})
	}
	if errors.Is(err, errNotHome) {
		err = ErrNotFound
	}
	return out, s.refused(ctx, opHome, "", err)
}

// errNotHome is for a folder in the place of a home that is somebody else's.
var errNotHome = errors.New("not the actor's home")

// makeHome makes the actor's home folder, and the folder of homes where it is the first. The actor needs no right in
// /home: this is the only thing that they can do there.
func (a *access) makeHome() error {
	who := a.subject.Principal
	if a.limited(iam.ResourcesCreate) {
		return ErrNotFound
	}
	root, err := a.load(RootID)
	if err != nil {
		return err
	}
	homes, err := a.tx.Child(RootID, HomesName)
	if isNotFound(err) {
		homes = Resource{ID: ResourceID(newID()), ParentID: RootID, Type: Folder, Name: HomesName, Owner: root.Owner,
			CreatedAt: a.now, UpdatedAt: a.now, Version: 1}
		if homes, err = a.add(root, homes, written{}, SearchText{}, Revision{}); err == nil {
			err = a.log(opHome, homes.ID, detail("name", HomesName, "parent", RootID, "type", Folder))
		}
	}
	if err != nil {
		return err
	}
	if homes.Type != Folder {
		return errNotHome
	}
	if _, err := a.tx.Child(homes.ID, who.Value()); !isNotFound(err) {
		return errors.Join(err, errNotHome) // it is there, but may not be seen
	}
	above, err := a.load(homes.ID)
	if err != nil {
		return err
	}
	name, err := CleanName(who.Value())
	if err != nil {
		return errNotHome
	}
	own := Resource{ID: ResourceID(newID()), ParentID: homes.ID, Type: Folder, Name: name, Owner: who, CreatedAt: a.now,
		UpdatedAt: a.now, Version: 1}
	if _, err := a.add(above, own, written{}, SearchText{}, Revision{}); err != nil {
		return err
	}
	t, err := a.load(own.ID)
	if err != nil {
		return err
	}
	if _, err = a.setPolicy(opHome, t, iam.Policy{Bindings: []iam.Binding{{Role: iam.Owner, Members: []iam.Member{who}}}}); err != nil {
		return err
	}
	return a.log(opHome, own.ID, detail("name", name, "parent", homes.ID, "type", Folder))
}
