package io.latent4j.server.page;

import com.google.common.base.Splitter;
import io.latent4j.server.Server;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptException;
import org.openqa.selenium.NoSuchElementException;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** A Chromium without a window, for tests of the page. */
final class Browser implements AutoCloseable {
    /** Why tests of the page are skipped. */
    static final String MISSING =
            "there is no browser here for the page's tests; expected chromium and chromedriver on the"
                    + " path: apt-get install chromium chromium-driver";

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long PAUSE = 20; // milliseconds

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Whether there is one on this machine. */
    static boolean isHere() {
        return chromium().isPresent() && program("chromedriver").isPresent();
    }

    private static Optional<Path> chromium() {
        return Stream.of("chromium", "chromium-browser", "google-chrome")
                .map(Browser::program)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<Path> program(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return StreamSupport.stream(
                        Splitter.on(File.pathSeparatorChar).split(path).spliterator(), false)
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static Browser start() {
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver").orElseThrow().toFile())
                .usingAnyFreePort()
                .build();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium().orElseThrow().toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-extensions",
                "--disable-background-networking",
                "--no-first-run",
                "--lang=en",
                "--window-size=1360,900");
        return new Browser(new ChromeDriver(service, options));
    }

    ChromeDriver driver() {
        return driver;
    }

    /** Shows a page as one who was never there sees it. */
    void open(String url) {
        driver.get(url);
        driver.executeScript("localStorage.clear(); sessionStorage.clear();");
        driver.get(url);
    }

    Object script(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** What a script answers, as text. */
    String text(String script, Object... arguments) {
        return String.valueOf(script(script, arguments));
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** The button of this text. */
    WebElement button(String text) {
        return driver.findElement(By.xpath("//button[normalize-space()='" + text + "' and not(@hidden)]"));
    }

    void click(String css) {
        until("there is " + css, () -> find(css).isEnabled());
        find(css).click();
    }

    /** Writes into a field in place of what is there. */
    void fill(String css, String text) {
        WebElement field = find(css);
        field.clear();
        field.sendKeys(text);
    }

    /** Shows a server's page as one who was never there sees it, and waits for the embedded model's settings. */
    void show(Server server) {
        open(server.uri().toString());
        until("the model's defaults are shown", "return document.getElementById('width').value === '64'");
    }

    /** Makes an image on the page and waits for it. */
    void generate(String prompt, int steps) {
        fill("#prompt", prompt);
        fill("#steps", Integer.toString(steps));
        click("#generate");
        finished(prompt);
    }

    /** Waits for the image of a prompt. */
    void finished(String prompt) {
        until(
                "the image of " + prompt + " is shown",
                () -> find("#result").getAttribute("alt").equals(prompt)
                        && all(".stage.working").isEmpty()
                        && !script("return document.querySelector('#result').naturalWidth")
                                .equals(0L));
    }

    /** What a field holds. */
    String value(String id) {
        return text("return document.getElementById(arguments[0]).value", id);
    }

    /** Chooses in a list, by the value. */
    void choose(String css, String value) {
        script("""
            const list = document.querySelector(arguments[0]);
            list.value = arguments[1];
            list.dispatchEvent(new Event('change', {bubbles: true}));
            """, css, value);
    }

    /** Waits until something is so; fails when it does not become so. */
    void until(String what, BooleanSupplier isSo) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds(isSo)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("it never came to this: " + what + "; the page says " + said());
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for this: " + what, e);
            }
        }
    }

    private static boolean holds(BooleanSupplier isSo) {
        try {
            return isSo.getAsBoolean();
        } catch (NoSuchElementException | StaleElementReferenceException | JavascriptException e) {
            return false; // the page is just being changed
        }
    }

    private String said() {
        return text("return ['stage-word', 'form-error', 'banner'].map(id => document.getElementById(id)?.textContent)"
                + ".join(' | ')");
    }

    void until(String what, String script) {
        until(what, () -> Boolean.TRUE.equals(script(script)));
    }

    /** Shows the page as on a screen of this size. */
    void size(int width, int height, boolean phone) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
    }

    /** Shows the page as on a system that prefers {@code light} or {@code dark}. */
    void scheme(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
