package io.latent4j.server.page;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.latent4j.server.api.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Serves the web page at {@code /}, and its scripts and styles below {@code /page/}. Nothing comes from elsewhere. */
public final class Page {
    /** Scripts, styles and images are the server's own; images may be made by the page too. Nobody may frame it. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String INDEX = "index.html";
    private static final String ICON = "icon.svg";

    /** All that is served. */
    static final List<String> FILES = List.of(
            INDEX,
            ICON,
            "actions.js",
            "adapters.js",
            "announce.js",
            "api.js",
            "base.css",
            "compare.js",
            "connection.js",
            "controls.css",
            "controls.js",
            "copy.js",
            "describe.js",
            "dialog.js",
            "dialogs.css",
            "dom.js",
            "download.js",
            "drop.js",
            "early-theme.js",
            "events.js",
            "exact.js",
            "exif.js",
            "file-choice.js",
            "finer.js",
            "form.js",
            "gallery.css",
            "gallery.js",
            "help.js",
            "jobs.js",
            "key.js",
            "layout.css",
            "lines.js",
            "main.js",
            "mask-canvas.js",
            "mask-dialog.js",
            "named-parts.js",
            "number-slider.js",
            "picks.js",
            "pictures.js",
            "png.js",
            "prompt-history.js",
            "queue.js",
            "refiner.js",
            "rest-of-spec.js",
            "sampler.js",
            "sent-image.js",
            "shapes.js",
            "source.js",
            "stage.css",
            "stage.js",
            "theme.js",
            "upscale.js",
            "viewer.js",
            "weights.js",
            "word-list.js",
            "words.js",
            "written-settings.js");

    private final Map<String, PageFile> files =
            FILES.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), PageFile::of));

    /** Adds the routes. */
    public void addTo(RoutesConfig routes) {
        routes.get("/", context -> answer(context, INDEX));
        routes.get("/favicon.ico", context -> answer(context, ICON));
        routes.get("/page/{name}", context -> answer(context, context.pathParam("name")));
    }

    private void answer(Context context, String name) {
        PageFile file = Optional.ofNullable(files.get(name))
                .orElseThrow(() -> ApiException.notFound("there is nothing at this address"));
        context.header("Content-Security-Policy", POLICY);
        context.header("Cache-Control", "no-cache"); // a browser keeps it, and asks whether it is still the same
        context.header("ETag", file.tag());
        if (file.tag().equals(context.header("If-None-Match"))) {
            context.status(304);
            return;
        }
        context.contentType(file.type()).result(file.content());
    }
}
