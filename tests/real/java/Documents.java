// Reads what Structurizr and PlantUML make of exported documents.
//
// usage: java -cp JARS Documents.java structurizr|plantuml FILE
//
// Prints the elements and relations of a workspace, or the kind of a diagram; exits with 1
// and the program's own words where it takes the file for wrong.

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

public final class Documents {
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("structurizr")) {
            structurizr(new File(arguments[1]));
        } else {
            plantuml(Path.of(arguments[1]));
        }
    }

    private static void structurizr(File file) {
        var parser = new com.structurizr.dsl.StructurizrDslParser();
        try {
            parser.parse(file);
        } catch (com.structurizr.dsl.StructurizrDslParserException error) {
            System.out.println(error.getMessage());
            System.exit(1);
        }
        var model = parser.getWorkspace().getModel();
        System.out.println(model.getElements().size() + " elements, " + model.getRelationships().size() + " relations");
    }

    private static void plantuml(Path file) throws Exception {
        var reader = new net.sourceforge.plantuml.SourceStringReader(Files.readString(file));
        for (var block : reader.getBlocks()) {
            var diagram = block.getDiagram();
            if (diagram instanceof net.sourceforge.plantuml.error.PSystemError error) {
                System.out.println(error.getErrorsUml());
                System.out.println(error.getPureAsciiFormatted());
                System.exit(1);
            }
            System.out.println(diagram.getDescription());
        }
        if (reader.getBlocks().isEmpty()) {
            System.out.println("no diagram");
            System.exit(1);
        }
    }
}
