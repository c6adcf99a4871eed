# Templates that come with the program. Their names hold braces, which make does not take as targets: they go as folders.
TEMPLATES = c-module go-http-service python-package typescript-component
EXTRA_DIST += templates/c-module templates/go-http-service templates/python-package templates/typescript-component

install-data-local: install-templates
uninstall-local: uninstall-templates
.PHONY: install-templates uninstall-templates
install-templates:
	$(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/templates"
	for t in $(TEMPLATES); do \
		(cd "$(srcdir)/templates" && find "$$t" -type d -exec $(MKDIR_P) "$(DESTDIR)$(pkgdatadir)/templates/{}" \;) && \
		(cd "$(srcdir)/templates" && find "$$t" -type f -exec $(INSTALL_DATA) '{}' "$(DESTDIR)$(pkgdatadir)/templates/{}" \;) || \
		exit 1; \
	done
uninstall-templates:
	for t in $(TEMPLATES); do rm -rf "$(DESTDIR)$(pkgdatadir)/templates/$$t"; done
	-rmdir "$(DESTDIR)$(pkgdatadir)/templates" "$(DESTDIR)$(pkgdatadir)"
