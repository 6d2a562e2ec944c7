use super::*;

#[test]
fn a_reset_clears_what_the_sandbox_made_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("data"), false).unwrap();
    folder.write("clock", b"93600").unwrap();
    std::fs::create_dir(folder.keys()).unwrap();
    std::fs::write(folder.file("notes.txt"), "mine").unwrap();
    let path = folder.path().to_owned();
    drop(folder);

    let again = Folder::open(&path, true).unwrap();

    assert!(!again.file("clock").exists() && !again.keys().exists());
    assert!(again.file("notes.txt").exists());
}

#[test]
fn a_folder_with_other_files_is_neither_used_nor_cleared() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("vneid.db"), "somebody's").unwrap();

    let refused = Folder::open(place.path(), true).unwrap_err();

    assert!(matches!(refused, FolderError::Foreign(_)));
    assert!(place.path().join("vneid.db").exists());
}

#[test]
fn two_sandboxes_never_share_a_folder() {
    let place = tempfile::tempdir().unwrap();
    let one = Folder::open(place.path(), false).unwrap();

    let other = Folder::open(place.path(), false).unwrap_err();
    drop(one);
    let later = Folder::open(place.path(), false);

    assert!(matches!(other, FolderError::InUse(_)));
    assert!(later.is_ok());
}
