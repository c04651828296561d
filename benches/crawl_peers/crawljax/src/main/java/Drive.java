// Crawljax with a session: cookies and storages are there before the application's first script.
import com.crawljax.browser.EmbeddedBrowser;
import com.crawljax.browser.WebDriverBackedEmbeddedBrowser;
import com.crawljax.core.CrawljaxRunner;
import com.crawljax.core.configuration.BrowserConfiguration;
import com.crawljax.core.configuration.CrawlRules.CrawlRulesBuilder;
import com.crawljax.core.configuration.CrawljaxConfiguration;
import com.google.common.collect.ImmutableSortedSet;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.json.Json;

public class Drive {
    static final AtomicInteger ACTIONS = new AtomicInteger();

    public static void main(String[] args) throws Exception {
        String url = args[0];
        int browsers = Integer.parseInt(args[1]);
        long seconds = Long.parseLong(args[2]);
        String folder = args[3];
        var builder = CrawljaxConfiguration.builderFor(url);
        CrawlRulesBuilder rules = builder.crawlRules();
        rules.clickDefaultElements();
        rules.click("div", "span", "li", "tr", "summary", "input");
        rules.clickElementsWithClickEventHandler();
        for (String tag : List.of("a", "button", "span", "div", "li")) {
            for (String word : List.of("Logout", "Log out", "Sign out")) rules.dontClick(tag).withText(word);
        }
        rules.crawlHiddenAnchors(true);
        builder.setUnlimitedStates().setUnlimitedCrawlDepth().setMaximumRunTime(seconds, TimeUnit.SECONDS);
        builder.setOutputDirectory(new File(folder, "crawljax-out"));
        builder.setBrowserConfig(new BrowserConfiguration(
            EmbeddedBrowser.BrowserType.CHROME_HEADLESS, browsers, () -> open(folder)));
        Thread teller = new Thread(Drive::tell);
        teller.setDaemon(true);
        teller.start();
        new CrawljaxRunner(builder.build()).call();
        System.out.println("{\"actions\":" + ACTIONS + "}");
        System.exit(0);
    }

    static EmbeddedBrowser open(String folder) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getenv("BENCH_BROWSER"));
        options.addArguments("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900");
        ChromeDriver driver = new ChromeDriver(options);
        try {
            String seed = Files.readString(Path.of(folder, "seed.js"));
            driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", seed));
            List<Map<String, Object>> cookies = new Json().toType(Files.readString(Path.of(folder, "cookies.json")), List.class);
            for (Map<String, Object> cookie : cookies) driver.executeCdpCommand("Network.setCookie", cookie);
        } catch (java.io.IOException error) {
            throw new IllegalStateException(error);
        }
        EmbeddedBrowser browser = WebDriverBackedEmbeddedBrowser.withDriver(driver, ImmutableSortedSet.of(), 200, 200);
        return counted(browser);
    }

    static EmbeddedBrowser counted(EmbeddedBrowser browser) {
        return (EmbeddedBrowser) Proxy.newProxyInstance(
            Drive.class.getClassLoader(), new Class<?>[] {EmbeddedBrowser.class}, (self, method, given) -> {
                if (method.getName().equals("fireEventAndWait")) ACTIONS.incrementAndGet();
                try {
                    return method.invoke(browser, given);
                } catch (InvocationTargetException error) {
                    throw error.getCause();
                }
            });
    }

    static void tell() {
        try {
            for (;;) {
                Thread.sleep(1000);
                System.out.println("{\"actions\":" + ACTIONS + "}");
            }
        } catch (InterruptedException end) {
            return;
        }
    }
}
