"""SQLAlchemy 2 on psycopg, over TLS: what it asks when it connects, the ORM, inserts of many rows,
cursors at the server, savepoints, a pool that resets, and reflection."""
import os
from decimal import Decimal

import psycopg
from sqlalchemy import ForeignKey, Numeric, create_engine, func, inspect, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    profile: Mapped[dict] = mapped_column(JSONB)
    invoices: Mapped[list["Invoice"]] = relationship(back_populates="customer", order_by="Invoice.id")


class Invoice(Base):
    __tablename__ = "invoices"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    amount: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    note: Mapped[str | None]
    customer: Mapped[Customer] = relationship(back_populates="invoices")


def refused(work):
    try:
        work()
    except DBAPIError as error:
        return error.orig.sqlstate
    return None


def sessions(engine):
    with Session(engine) as session:
        ada = session.scalars(select(Customer).where(Customer.id == 1)).one()
        print("one", ada.name, ada.email, ada.profile)
        print("lazy", [(invoice.id, invoice.amount) for invoice in ada.invoices])
        joined = select(Customer.name, func.sum(Invoice.amount)).join(Invoice).group_by(Customer.name).order_by(Customer.name)
        print("joined", session.execute(joined).all())
        session.add_all([Invoice(id=n, customer_id=2, amount=Decimal(n), note=None) for n in range(1, 251)])
        session.flush()
        session.get(Invoice, 7).note = "seen"
        session.commit()
        print("added", session.scalar(select(func.count()).where(Invoice.id < 1000)), session.get(Invoice, 7).note)
        session.add(Invoice(id=1001, customer_id=1, amount=1))
        try:
            session.commit()
        except IntegrityError as error:
            session.rollback()
            print("unique", error.orig.diag.constraint_name)
        with session.begin_nested() as nested:
            session.delete(session.get(Invoice, 7))
            session.flush()
            nested.rollback()
        print("nested", session.get(Invoice, 7).id, session.query(Invoice).filter(Invoice.id < 1000).delete())
        session.commit()


def statements(engine):
    with engine.connect() as connection:
        rows = [{"id": n, "customer_id": 3, "amount": n} for n in range(2001, 3201)]
        made = connection.execute(insert(Invoice).returning(Invoice.id, sort_by_parameter_order=True), rows)
        print("many", len(made.all()))
        again = insert(Invoice).values(id=2005, customer_id=3, amount=7)
        again = again.on_conflict_do_update(index_elements=[Invoice.id], set_={"amount": again.excluded.amount})
        print("upsert", connection.execute(again.returning(Invoice.amount)).scalar())
        connection.execute(text("UPDATE invoices SET note = :note WHERE id = :id"), [{"note": "n", "id": n} for n in (2001, 2002, 2003)])
        print("executemany", connection.scalar(text("SELECT count(*) FROM invoices WHERE note = 'n'")))
        stream = connection.execution_options(yield_per=100).execute(select(Invoice.id).where(Invoice.id > 2000))
        print("streamed", sum(1 for _ in stream))
        connection.rollback()
        print("denied", refused(lambda: connection.execute(text("SELECT secret FROM payroll"))))
        connection.rollback()
        print("goes on", connection.scalar(text("SELECT 1")))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        print("autocommit", connection.scalar(text("SHOW transaction_isolation")))
    with engine.connect().execution_options(isolation_level="SERIALIZABLE", postgresql_readonly=True) as connection:
        print("serializable", refused(lambda: connection.execute(text("DELETE FROM invoices"))))


def reflection(engine):
    catalog = inspect(engine)
    print("tables", sorted(catalog.get_table_names()), catalog.get_view_names())
    print("columns", [(column["name"], str(column["type"])) for column in catalog.get_columns("invoices")])
    print("keys", catalog.get_pk_constraint("invoices")["constrained_columns"],
          [key["referred_table"] for key in catalog.get_foreign_keys("invoices")])
    print("unique", [key["name"] for key in catalog.get_unique_constraints("customers")], [index["name"] for index in catalog.get_indexes("customers")])
    print("enums", [(enum["name"], enum["labels"]) for enum in catalog.get_enums()])
    print("view", "email" in catalog.get_view_definition("customer_emails"), catalog.has_table("payroll"))
    Base.metadata.reflect(engine, only=["answers"], extend_existing=True)
    print("reflected", [column.name for column in Base.metadata.tables["answers"].columns])


def engine_of(**who):
    def connect():
        return psycopg.connect(os.environ["DSN"], **who)

    return create_engine("postgresql+psycopg://", creator=connect, pool_size=2, pool_pre_ping=True)


engine = engine_of()
print("dialect", engine.connect().dialect.server_version_info >= (14,), engine.dialect.default_schema_name)
sessions(engine)
statements(engine)
reflection(engine_of(password=os.environ["BROWSER"]))
print("pool", engine.pool.checkedout())
engine.dispose()
