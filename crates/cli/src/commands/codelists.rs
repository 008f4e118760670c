//! `codelists`: which lists there are, and the codes of one.

use regtrade_proto::v1;

use crate::args::{CodelistsArgs, Format};
use crate::client::{Client, TIMEOUT, release};
use crate::exit::Exit;
use crate::output::print;
use crate::render::codelists::{self, Codes};

/// Lists the codelists, or the codes of one.
///
/// # Errors
/// Where there is no such list, or the gateway does not answer.
pub async fn run(args: &CodelistsArgs) -> Result<(), Exit> {
    let client = Client::new(&args.client, TIMEOUT)?;
    let (format, lang) = (args.client.output.format, args.lang);
    let Some(name) = &args.name else {
        let question = client.request(v1::ListCodelistsRequest {});
        let answer = client
            .wait(client.catalogue().list_codelists(question))
            .await?;
        let lists = answer.codelists;
        return print(&match format {
            Format::Table => codelists::lists_table(&lists, lang),
            Format::Csv => codelists::lists_csv(&lists, lang)?,
            Format::Json => codelists::lists_json(&lists),
        });
    };
    let codes = ask(&client, args, name).await?;
    print(&match format {
        Format::Table => codelists::tree(&codes, lang),
        Format::Csv => codelists::text_csv(&codes, lang)?,
        Format::Json => codelists::text_json(&codes),
    })
}

/// All pages of a list.
async fn ask(client: &Client, args: &CodelistsArgs, name: &str) -> Result<Codes, Exit> {
    let mut request = v1::GetCodelistRequest {
        codelist: name.to_owned(),
        dataflow: v1::Dataflow::from(args.dataflow).into(),
        as_of: Some(v1::AsOf::from(&args.vintage.as_of())),
        level: args.level.clone().unwrap_or_default(),
        page_size: 0,
        page_token: String::new(),
    };
    let mut found: Option<Codes> = None;
    loop {
        let question = client.request(request.clone());
        let page = client
            .wait(client.catalogue().get_codelist(question))
            .await?;
        match &mut found {
            Some(found) => found.codes.extend(page.codes),
            None => {
                // The pages that follow are of this vintage, whatever is published in between.
                request.as_of = page.as_of.or(request.as_of);
                found = Some(Codes {
                    list: page.codelist.unwrap_or_default(),
                    codes: page.codes,
                    release: page.release.map(|one| release(Some(one))).transpose()?,
                });
            }
        }
        match found {
            Some(found) if page.next_page_token.is_empty() => return Ok(found),
            _ => request.page_token = page.next_page_token,
        }
    }
}
