//! A user's script with thirtyfour: nothing in it knows of handstamp but the address.

use std::{env, error::Error, time::Duration};

use thirtyfour::{ChromeCapabilities, FirefoxCapabilities, WebDriver, WindowHandle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [gateway, browser, page] = args.as_slice() else { return Err("gateway, browser and page are missing".into()) };
    let driver = if browser == "chrome" {
        WebDriver::new(gateway, ChromeCapabilities::new()).await?
    } else {
        WebDriver::new(gateway, FirefoxCapabilities::new()).await?
    };
    let walked = walk(&driver, page).await;
    driver.quit().await?;
    walked
}

async fn walk(driver: &WebDriver, page: &str) -> Result<(), Box<dyn Error>> {
    driver.goto(format!("{page}/?who=first")).await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(tab).await?;
    driver.goto(format!("{page}/?who=tab")).await?;
    for (who, features) in [("popup", "popup,width=300,height=200"), ("stranger", "noopener")] {
        let (before, opener) = (driver.windows().await?, driver.window().await?);
        let script = format!("window.open('{page}/?who={who}', '_blank', '{features}')");
        driver.execute(script, Vec::new()).await?;
        driver.switch_to_window(fresh(driver, &before).await?).await?;
        while !(driver.current_url().await?.as_str().contains(who) && is_complete(driver).await?) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        driver.switch_to_window(opener).await?;
    }
    let clear = "localStorage.clear(); sessionStorage.clear(); document.cookie = 'seen=; path=/; max-age=0'";
    driver.execute(clear, Vec::new()).await?;
    driver.goto(format!("{page}/?who=after")).await?;
    driver.refresh().await?;
    Ok(())
}

async fn fresh(driver: &WebDriver, before: &[WindowHandle]) -> Result<WindowHandle, Box<dyn Error>> {
    loop {
        if let Some(handle) = driver.windows().await?.into_iter().find(|handle| !before.contains(handle)) {
            return Ok(handle);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn is_complete(driver: &WebDriver) -> Result<bool, Box<dyn Error>> {
    Ok(driver.execute("return document.readyState", Vec::new()).await?.json() == "complete")
}
