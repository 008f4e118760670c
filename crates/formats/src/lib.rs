//! Readers and writers of release files: bytes in, cells and issues out.
