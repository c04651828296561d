// Starts ZAP as a daemon with what is published of it: its core, and the network add-on, both on the class path.
//
// ZAP's own main class asks for a further add-on that is not published, and for add-ons as packed files. Here the
// network add-on is told to it by a file that only names its extension. The API of scripts lies in the core, and waits
// for an add-on that is not published to be offered.

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.parosproxy.paros.CommandLine;
import org.parosproxy.paros.Constant;
import org.parosproxy.paros.control.Control;
import org.parosproxy.paros.model.Model;
import org.parosproxy.paros.view.View;
import org.zaproxy.zap.control.ControlOverrides;
import org.zaproxy.zap.extension.api.API;
import org.zaproxy.zap.extension.script.ExtensionScript;
import org.zaproxy.zap.extension.script.ScriptAPI;

public final class Start {
    private static final String NETWORK =
            "<zapaddon><name>Network</name><version>0.25.0</version><status>beta</status><extensions>"
                    + "<extension>org.zaproxy.addon.network.ExtensionNetwork</extension></extensions>"
                    + "<not-before-version>2.17.0</not-before-version></zapaddon>";

    @SuppressWarnings("removal")
    public static void main(String[] args) throws Exception {
        CommandLine line = new CommandLine(args);
        ControlOverrides overrides =
                new ControlOverrides() {
                    @Override
                    public List<String> getMandatoryAddOns() {
                        return List.of("network");
                    }
                };
        overrides.setOrderedConfigs(line.getOrderedConfigs());
        tellOfNetwork(Path.of(Constant.getZapHome(), "plugin"));
        Constant.createInstance(overrides);
        View.setDaemon(true);
        Model.getSingleton().init(overrides);
        Control.initSingletonWithoutView(overrides);
        Control control = Control.getSingleton();
        control.getExtensionLoader().hookCommandLineListener(line);
        control.runCommandLine();
        ExtensionScript scripts = control.getExtensionLoader().getExtension(ExtensionScript.class);
        API.getInstance().registerApiImplementor(new ScriptAPI(scripts));
        System.out.println("ZAP has started");
        Thread.currentThread().join();
    }

    private static void tellOfNetwork(Path plugins) throws Exception {
        Files.createDirectories(plugins);
        try (OutputStream file = Files.newOutputStream(plugins.resolve("network-beta-0.25.0.zap"));
                ZipOutputStream zip = new ZipOutputStream(file)) {
            zip.putNextEntry(new ZipEntry("ZapAddOn.xml"));
            zip.write(NETWORK.getBytes(StandardCharsets.UTF_8));
        }
    }
}
