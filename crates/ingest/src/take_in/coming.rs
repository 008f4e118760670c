//! The files of an upload, read while they come.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

use regtrade_formats::sdmx::envelope::Unpacked;
use regtrade_lake::LakeError;
use regtrade_service::Failure;

use super::{
    read::{Files, Reading},
    work::{Stop, Stoppable, Working, begin},
};
use crate::{
    config::Settings,
    error::of_lake,
    upload::{ComingFile, Upload},
};

/// What is said of an upload while its files are read.
enum Word {
    /// A file begins to come.
    File(ComingFile),
    /// There are no more, and this is the whole upload.
    Whole(Arc<Upload>),
}

/// Files that are read while they come. Dropped before its end, reading ends, too.
pub(crate) struct Coming {
    settings: Settings,
    reading: Option<(Sender<Word>, Read)>,
}

/// Files that are being read; nothing comes of them where the upload breaks off.
type Read = Working<Option<Result<Files, LakeError>>>;

impl Coming {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            reading: None,
        }
    }

    /// Reads a file more. Reading begins with the first one.
    ///
    /// # Errors
    /// Where there is no thread to be had.
    pub(crate) fn file(&mut self, file: &ComingFile) -> Result<(), Failure> {
        let (words, _) = match &mut self.reading {
            Some(reading) => reading,
            None => {
                let (words, said) = channel();
                let settings = self.settings.clone();
                let read = begin(move |stop| files(&said, &settings, stop))?;
                self.reading.insert((words, read))
            }
        };
        // Who reads no more has failed, and says so in the end.
        let _ = words.send(Word::File(file.clone()));
        Ok(())
    }

    /// What the files of an upload hold, of which all have come.
    ///
    /// # Errors
    /// Where reading panics, or the temporary folder fails.
    pub(super) async fn finish(self, upload: &Arc<Upload>) -> Result<Files, Failure> {
        let ended = || Failure::internal(&io::Error::other("reading ended"));
        let (words, read) = self.reading.ok_or_else(ended)?;
        let _ = words.send(Word::Whole(Arc::clone(upload)));
        let files = read.done().await?.ok_or_else(ended)?;
        files.map_err(|error| of_lake(&error))
    }
}

/// Reads the files of an upload as they come; `None` where it breaks off.
///
/// # Errors
/// Where the temporary folder fails.
fn files(
    words: &Receiver<Word>,
    settings: &Settings,
    stop: &Stop,
) -> Option<Result<Files, LakeError>> {
    let mut reading = Reading::new(settings);
    loop {
        match words.recv().ok()? {
            Word::File(file) => {
                let source = Stoppable { file: &file, stop };
                let source = Unpacked::new(&source, settings.max_upload_bytes);
                reading.next_file(file.name(), &source);
            }
            Word::Whole(upload) => return Some(reading.finish(&upload)),
        }
    }
}
